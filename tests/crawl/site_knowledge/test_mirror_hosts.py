"""Hosts that serve the same articles under the same paths."""

from newsspider.crawl.site_knowledge.mirror_hosts import MirrorHosts
from newsspider.urls import article_key

WWW, NEWS = "https://www.sample.example", "https://news.sample.example"
TITLES = ["东湖新桥今日通车运营首日客流破万", "西山茶农迎来秋收新茶价格稳中有升", "南城地铁延长线开工预计三年建成"]


def path(number: int) -> str:
    return f"/2026/1101/{10_000 + number}.html"


def saw(twins: MirrorHosts, host: str, numbers: range, titles: list[str]) -> None:
    for number, title in zip(numbers, titles, strict=False):
        twins.saw_headline(host + path(number), title)


def folded(twins: MirrorHosts, url: str) -> str:
    return twins.folded(article_key(url))


def test_one_headline_over_one_path_is_one_article_at_once() -> None:
    twins = MirrorHosts()
    saw(twins, WWW, range(1), TITLES)
    saw(twins, NEWS, range(1), [f"{TITLES[0][:10]}…"])
    assert folded(twins, NEWS + path(0)) == article_key(WWW + path(0))
    assert folded(twins, NEWS + path(1)) == article_key(NEWS + path(1)), "one proof tells nothing of other articles"


def test_two_proofs_fold_all_articles_of_the_host_and_no_list() -> None:
    twins = MirrorHosts()
    saw(twins, WWW, range(2), TITLES)
    saw(twins, NEWS, range(2), TITLES)
    assert folded(twins, NEWS + path(7)) == article_key(WWW + path(7))
    assert folded(twins, f"{NEWS}/list_2.html") == article_key(f"{NEWS}/list_2.html")
    assert folded(twins, f"{NEWS}/") == article_key(NEWS)


def test_channels_that_number_their_articles_alike_are_no_twins() -> None:
    twins = MirrorHosts()
    saw(twins, WWW, range(3), TITLES)
    saw(twins, NEWS, range(3), [TITLES[1], TITLES[2], TITLES[0]])
    assert folded(twins, NEWS + path(0)) == article_key(NEWS + path(0))
    saw(twins, NEWS, range(5, 7), TITLES)
    saw(twins, WWW, range(5, 7), TITLES)
    assert folded(twins, NEWS + path(9)) == article_key(NEWS + path(9)), "two proofs against three contradictions"


def test_a_short_or_missing_headline_proves_nothing() -> None:
    twins = MirrorHosts()
    saw(twins, WWW, range(2), ["图集", ""])
    saw(twins, NEWS, range(2), ["图集", ""])
    assert folded(twins, NEWS + path(0)) == article_key(NEWS + path(0))


def test_another_domain_can_be_a_twin() -> None:
    twins = MirrorHosts()
    for number in (1, 2):
        twins.learn_alias(f"https://www.mirror.example{path(number)}", WWW + path(number))
    assert folded(twins, f"https://www.mirror.example{path(9)}") == article_key(WWW + path(9))


def test_what_is_learnt_survives_storage_and_keeps_its_direction() -> None:
    twins = MirrorHosts()
    saw(twins, WWW, range(2), TITLES)
    saw(twins, NEWS, range(2), TITLES)
    stored = twins.increments()
    assert stored == {
        "sample.example": [{"host": "news.sample.example", "known": "sample.example", "proofs": 2, "contradictions": 0}]
    }
    assert twins.increments() == {}
    again = MirrorHosts()
    again.learn(stored["sample.example"])
    saw(again, NEWS, range(2), TITLES)
    saw(again, WWW, range(2), TITLES)
    assert folded(again, NEWS + path(9)) == article_key(WWW + path(9))


def test_a_parameter_that_changes_nothing_is_no_second_article() -> None:
    twins = MirrorHosts()
    saw(twins, WWW, range(1), TITLES)
    twins.saw_headline(f"{WWW}{path(0)}?share=1", TITLES[0])
    assert folded(twins, f"{WWW}{path(0)}?share=1") == article_key(WWW + path(0))
    twins.saw_headline(f"{WWW}{path(0)}?share=2", TITLES[1])
    assert folded(twins, f"{WWW}{path(0)}?share=2") == article_key(f"{WWW}{path(0)}?share=2"), "another headline"


def test_parameters_that_name_the_article_or_its_part_count() -> None:
    twins = MirrorHosts()
    for number in (1, 2):
        twins.saw_headline(f"{WWW}/show.php?id={number}", TITLES[0])
        twins.saw_headline(f"{WWW}{path(0)}?page={number}", TITLES[0])
    assert folded(twins, f"{WWW}/show.php?id=2") == article_key(f"{WWW}/show.php?id=2")
    assert folded(twins, f"{WWW}{path(0)}?page=2") == article_key(f"{WWW}{path(0)}?page=2")


def test_typed_hosts_are_mirrors_by_equal_texts_only() -> None:
    mirrors = MirrorHosts()
    mirrors.type_hosts([f"{WWW}/", f"{NEWS}/"])
    saw(mirrors, WWW, range(3), TITLES)
    saw(mirrors, NEWS, range(3), TITLES)
    assert folded(mirrors, NEWS + path(0)) == article_key(NEWS + path(0))
    for host in (WWW, NEWS):
        mirrors.saw_text(host + path(0), f"各写各的：{host}")
        mirrors.saw_text(host + path(1), "两家一样的正文。")
    assert folded(mirrors, NEWS + path(9)) == article_key(NEWS + path(9)), "one proof, one contradiction"
    for number in (3, 4):
        for host in (WWW, NEWS):
            mirrors.saw_text(host + path(number), f"第{number}篇一样的正文。")
    assert folded(mirrors, NEWS + path(9)) == article_key(WWW + path(9))
