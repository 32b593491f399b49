"""URL patterns, learnt from what their pages turned out to be."""

from newsspider.crawl.site_knowledge.url_patterns import UNLIMITED, PatternFacts, UrlPatterns, pattern_family
from newsspider.urls import article_key, url_pattern

SITE = "https://www.sample.example"


def test_family_leaves_folder_names_out() -> None:
    pattern = url_pattern(f"{SITE}/china/2026/1101/c12345.html")
    assert pattern_family(pattern) == "sample.example/{word}/{date}/c{id}.html"


def test_evidence_overrules_the_prior() -> None:
    patterns = UrlPatterns()
    before = patterns.predict(f"{SITE}/read/alpha")
    for name in ("one", "two", "three", "four"):
        patterns.record(f"{SITE}/p/{name}.html", "junk")
        patterns.record(f"{SITE}/n/12{len(name)}", "article")
    assert patterns.predict(f"{SITE}/p/other.html") < 0.2
    assert patterns.predict(f"{SITE}/n/999") > 0.8
    assert patterns.predict(f"{SITE}/read/alpha") == before, "another pattern is not touched"


def test_a_new_folder_profits_from_its_family() -> None:
    patterns = UrlPatterns()
    for number in range(6):
        patterns.record(f"{SITE}/china/v-{number}", "article")
    assert patterns.predict(f"{SITE}/sport/v-8") > 0.6


def test_a_calendar_is_given_up() -> None:
    patterns = UrlPatterns()
    fetched = 0
    for month in range(1, 13):
        for year in range(2000, 2026):
            url = f"{SITE}/calendar/{year}-{month:02}/"
            if patterns.allowance(url):
                fetched += 1
                patterns.record(url, "listing", unseen=0)
    assert fetched <= 6


def test_facets_with_ever_new_names_are_given_up_as_a_family() -> None:
    patterns = UrlPatterns()
    fetched = 0
    for number in range(500):
        name = f"{chr(97 + number % 26)}{chr(97 + number // 26)}"
        url = f"{SITE}/find?area={name}&sort=new"
        if patterns.allowance(url):
            fetched += 1
            patterns.record(url, "listing", unseen=0)
    assert fetched <= 60


def test_a_fruitful_pager_is_never_cut() -> None:
    patterns = UrlPatterns()
    for number in range(300):
        assert patterns.allowance(f"{SITE}/list_{number}.html") == UNLIMITED or number == 0
        patterns.record(f"{SITE}/list_{number}.html", "listing", unseen=10)


def test_a_pager_that_ran_dry_is_cut_late() -> None:
    patterns = UrlPatterns({url_pattern(f"{SITE}/list_1.html"): PatternFacts(listings=5, unseen=50)})
    fetched = 0
    for number in range(300):
        if patterns.allowance(f"{SITE}/list_{number}.html"):
            fetched += 1
            patterns.record(f"{SITE}/list_{number}.html", "listing", unseen=0)
    assert fetched == 30


def test_session_tokens_in_paths_are_folded_once_proven() -> None:
    patterns = UrlPatterns()
    for token in ("s8f3ka91mz", "s1b7qq20xk"):
        patterns.saw_links(f"{SITE}/{token}/2026/1101/{number}.html" for number in range(12340, 12346))
    assert patterns.identity(f"{SITE}/zz91ab77cd/2026/1101/12345.html") == "sample.example/2026/1101/12345.html"


def test_a_token_is_proven_by_the_plain_address() -> None:
    patterns = UrlPatterns()
    patterns.saw_links(f"{SITE}/2026/1101/{number}.html" for number in range(12340, 12346))
    patterns.saw_links(f"{SITE}/s8f3ka91mz/2026/1101/{number}.html" for number in range(12340, 12346))
    assert patterns.identity(f"{SITE}/zz91ab77cd/2026/1101/12399.html") == "sample.example/2026/1101/12399.html"


def test_lists_of_one_family_that_only_repeat_others_are_exhausted() -> None:
    patterns = UrlPatterns()
    for number in range(4):
        assert not patterns.is_exhausted(f"{SITE}/find?area={number}&kind=1")
        patterns.listing_read(f"{SITE}/find?area={number}&kind=1", 0, is_begun=True)
    assert patterns.is_exhausted(f"{SITE}/find?area=9&kind=3")
    assert not patterns.is_exhausted(f"{SITE}/find?area=9"), "another family"
    again = UrlPatterns.from_dict(patterns.to_dict())
    assert again.is_exhausted(f"{SITE}/find?area=9&kind=3"), "a later run knows"


def test_one_list_of_a_family_with_something_of_its_own_keeps_it() -> None:
    patterns = UrlPatterns()
    for name in ("one", "two", "three", "four", "five"):
        patterns.listing_read(f"{SITE}/news/{name}/", 0, is_begun=True)
    patterns.listing_read(f"{SITE}/news/two/", 3, is_begun=False)
    assert not patterns.is_exhausted(f"{SITE}/news/six/")


def test_the_first_of_an_unlikely_shape_goes_before_the_others() -> None:
    patterns = UrlPatterns()
    assert [patterns.is_probe(f"{SITE}/lucky/{number}") for number in range(1, 4)] == [True, False, False]
    assert patterns.is_probe(f"{SITE}/2026/1101/10001.html")
    assert patterns.is_probe(f"{SITE}/2026/1101/10002.html"), "a likely pattern needs no probe"
    patterns.record(f"{SITE}/lucky/1", "article")
    assert patterns.is_probe(f"{SITE}/lucky/9")


def test_a_blocked_shape_has_no_budget_unless_it_gave_articles() -> None:
    patterns = UrlPatterns()
    patterns.record(f"{SITE}/a/10001.html", "article")
    for path in ("/lucky/7", "/a/10002.html"):
        patterns.block(SITE + path)
    assert patterns.allowance(f"{SITE}/lucky/8") == 0
    assert patterns.allowance(f"{SITE}/a/10003.html") == UNLIMITED


def test_folders_that_look_random_but_name_different_articles_stay() -> None:
    patterns = UrlPatterns()
    for token in ("s8f3ka91mz", "s1b7qq20xk", "k1b7qq20xk", "m1b7qq20xk", "n1b7qq20xk"):
        patterns.saw_links([f"{SITE}/2026-11-01/{token}/content.html"])
    url = f"{SITE}/2026-11-01/s8f3ka91mz/content.html"
    assert patterns.identity(url) == "sample.example/2026-11-01/s8f3ka91mz/content.html"


def test_what_is_learnt_survives_storage() -> None:
    patterns = UrlPatterns()
    patterns.saw_links([f"{SITE}/n/1", f"{SITE}/n/2"])
    patterns.record(f"{SITE}/n/1", "article")
    added = patterns.increments()
    assert added == {"sample.example/n/{n}": {"links": 2, "articles": 1}}
    assert patterns.increments() == {}
    again = UrlPatterns.from_dict(patterns.to_dict())
    assert again.predict(f"{SITE}/n/3") == patterns.predict(f"{SITE}/n/3")
    assert again.increments() == {}


def test_a_token_that_a_page_leaves_out_of_its_own_address_is_dropped_from_then_on() -> None:
    patterns = UrlPatterns()
    first, second = (
        "https://a.example/c/10284.html?visit=8f3a0000aaaa1111",
        "https://a.example/c/10299.html?visit=77aa0000bbbb2222",
    )
    assert patterns.identity(second) == article_key(second)
    patterns.learn_alias(first, "https://a.example/c/10284.html")
    assert patterns.identity(second) == "a.example/c/10299.html"
    assert patterns.identity("https://a.example/c/10299.html?id=5") == "a.example/c/10299.html?id=5"
