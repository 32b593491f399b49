"""Shapes of addresses, learnt from what their pages turned out to be."""

from newsspider.crawl.site_knowledge.url_patterns import UNLIMITED, ShapeFacts, UrlPatterns, shape_family, shape_rows
from newsspider.urls import article_key, url_pattern

SITE = "https://www.sample.example"


def test_family_leaves_folder_names_out() -> None:
    shape = url_pattern(f"{SITE}/china/2026/1101/c12345.html")
    assert shape_family(shape) == "sample.example/{word}/{date}/c{id}.html"


def test_evidence_overrules_the_prior() -> None:
    shapes = UrlPatterns()
    before = shapes.predict(f"{SITE}/read/alpha")
    for name in ("one", "two", "three", "four"):
        shapes.record(f"{SITE}/p/{name}.html", "junk")
        shapes.record(f"{SITE}/n/12{len(name)}", "article")
    assert shapes.predict(f"{SITE}/p/other.html") < 0.2
    assert shapes.predict(f"{SITE}/n/999") > 0.8
    assert shapes.predict(f"{SITE}/read/alpha") == before, "another shape is not touched"


def test_a_new_folder_profits_from_its_family() -> None:
    shapes = UrlPatterns()
    for number in range(6):
        shapes.record(f"{SITE}/china/v-{number}", "article")
    assert shapes.predict(f"{SITE}/sport/v-8") > 0.6


def test_a_calendar_is_given_up() -> None:
    shapes = UrlPatterns()
    fetched = 0
    for month in range(1, 13):
        for year in range(2000, 2026):
            url = f"{SITE}/calendar/{year}-{month:02}/"
            if shapes.allowance(url):
                fetched += 1
                shapes.record(url, "listing", fresh=0)
    assert fetched <= 6


def test_facets_with_ever_new_names_are_given_up_as_a_family() -> None:
    shapes = UrlPatterns()
    fetched = 0
    for number in range(500):
        name = f"{chr(97 + number % 26)}{chr(97 + number // 26)}"
        url = f"{SITE}/find?area={name}&sort=new"
        if shapes.allowance(url):
            fetched += 1
            shapes.record(url, "listing", fresh=0)
    assert fetched <= 60


def test_a_fruitful_pager_is_never_cut() -> None:
    shapes = UrlPatterns()
    for number in range(300):
        assert shapes.allowance(f"{SITE}/list_{number}.html") == UNLIMITED or number == 0
        shapes.record(f"{SITE}/list_{number}.html", "listing", fresh=10)


def test_a_pager_that_ran_dry_is_cut_late() -> None:
    shapes = UrlPatterns({url_pattern(f"{SITE}/list_1.html"): ShapeFacts(listings=5, fresh=50)})
    fetched = 0
    for number in range(300):
        if shapes.allowance(f"{SITE}/list_{number}.html"):
            fetched += 1
            shapes.record(f"{SITE}/list_{number}.html", "listing", fresh=0)
    assert fetched == 30


def test_session_tokens_in_paths_are_folded_once_proven() -> None:
    shapes = UrlPatterns()
    for token in ("s8f3ka91mz", "s1b7qq20xk"):
        shapes.saw_links(f"{SITE}/{token}/2026/1101/{number}.html" for number in range(12340, 12346))
    assert shapes.identity(f"{SITE}/zz91ab77cd/2026/1101/12345.html") == "sample.example/2026/1101/12345.html"


def test_a_token_is_proven_by_the_plain_address() -> None:
    shapes = UrlPatterns()
    shapes.saw_links(f"{SITE}/2026/1101/{number}.html" for number in range(12340, 12346))
    shapes.saw_links(f"{SITE}/s8f3ka91mz/2026/1101/{number}.html" for number in range(12340, 12346))
    assert shapes.identity(f"{SITE}/zz91ab77cd/2026/1101/12399.html") == "sample.example/2026/1101/12399.html"


def test_lists_of_one_family_that_only_repeat_others_are_dry() -> None:
    shapes = UrlPatterns()
    for number in range(4):
        assert not shapes.is_dry(f"{SITE}/find?area={number}&kind=1")
        shapes.list_read(f"{SITE}/find?area={number}&kind=1", 0, is_begun=True)
    assert shapes.is_dry(f"{SITE}/find?area=9&kind=3")
    assert not shapes.is_dry(f"{SITE}/find?area=9"), "another family"
    again = UrlPatterns.from_dict(shapes.to_dict())
    assert again.is_dry(f"{SITE}/find?area=9&kind=3"), "a later run knows"


def test_one_list_of_a_family_with_something_of_its_own_keeps_it() -> None:
    shapes = UrlPatterns()
    for name in ("one", "two", "three", "four", "five"):
        shapes.list_read(f"{SITE}/news/{name}/", 0, is_begun=True)
    shapes.list_read(f"{SITE}/news/two/", 3, is_begun=False)
    assert not shapes.is_dry(f"{SITE}/news/six/")


def test_the_first_of_an_unlikely_shape_goes_before_the_others() -> None:
    shapes = UrlPatterns()
    assert [shapes.is_scout(f"{SITE}/lucky/{number}") for number in range(1, 4)] == [True, False, False]
    assert shapes.is_scout(f"{SITE}/2026/1101/10001.html")
    assert shapes.is_scout(f"{SITE}/2026/1101/10002.html"), "a likely shape needs no scout"
    shapes.record(f"{SITE}/lucky/1", "article")
    assert shapes.is_scout(f"{SITE}/lucky/9")


def test_a_barred_shape_has_no_budget_unless_it_gave_articles() -> None:
    shapes = UrlPatterns()
    shapes.record(f"{SITE}/a/10001.html", "article")
    for path in ("/lucky/7", "/a/10002.html"):
        shapes.bar(SITE + path)
    assert shapes.allowance(f"{SITE}/lucky/8") == 0
    assert shapes.allowance(f"{SITE}/a/10003.html") == UNLIMITED


def test_folders_that_look_random_but_name_different_articles_stay() -> None:
    shapes = UrlPatterns()
    for token in ("s8f3ka91mz", "s1b7qq20xk", "k1b7qq20xk", "m1b7qq20xk", "n1b7qq20xk"):
        shapes.saw_links([f"{SITE}/2026-11-01/{token}/content.html"])
    url = f"{SITE}/2026-11-01/s8f3ka91mz/content.html"
    assert shapes.identity(url) == "sample.example/2026-11-01/s8f3ka91mz/content.html"


def test_what_is_learnt_survives_storage() -> None:
    shapes = UrlPatterns()
    shapes.saw_links([f"{SITE}/n/1", f"{SITE}/n/2"])
    shapes.record(f"{SITE}/n/1", "article")
    added = shapes.increments()
    assert added == {"sample.example/n/{n}": {"links": 2, "articles": 1}}
    assert shapes.increments() == {}
    again = UrlPatterns.from_dict(shapes.to_dict())
    assert again.predict(f"{SITE}/n/3") == shapes.predict(f"{SITE}/n/3")
    assert again.increments() == {}


def test_rows_for_people() -> None:
    shapes = UrlPatterns()
    shapes.record(f"{SITE}/n/1", "article")
    shapes.record(f"{SITE}/n/2", "junk")
    assert shape_rows(shapes.to_dict())[0]["article_percent"] == 50


def test_a_token_that_a_page_leaves_out_of_its_own_address_is_dropped_from_then_on() -> None:
    shapes = UrlPatterns()
    first, second = (
        "https://a.example/c/10284.html?visit=8f3a0000aaaa1111",
        "https://a.example/c/10299.html?visit=77aa0000bbbb2222",
    )
    assert shapes.identity(second) == article_key(second)
    shapes.learn_alias(first, "https://a.example/c/10284.html")
    assert shapes.identity(second) == "a.example/c/10299.html"
    assert shapes.identity("https://a.example/c/10299.html?id=5") == "a.example/c/10299.html?id=5"
