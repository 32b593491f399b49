"""Canonical URLs and article keys."""

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsspider.urls import (
    KEY_BYTES,
    article_key,
    article_likelihood,
    canonical_url,
    is_bare_url,
    is_public_ip,
    registered_domain,
    resolve,
    url_date,
    url_pattern,
)

BASE = "https://news.sample.example/china/index.html"


@pytest.mark.parametrize(
    ("href", "expected"),
    [
        ("a.html", "https://news.sample.example/china/a.html"),
        ("/a/1.html", "https://news.sample.example/a/1.html"),
        ("../a/./b/../1.html", "https://news.sample.example/a/1.html"),
        ("//m.sample.example/1", "https://m.sample.example/1"),
        ("http://x.example", "http://x.example/"),
        ("http://x.example/a/", "http://x.example/a/"),
        ("?id=3#top", "https://news.sample.example/china/index.html?id=3"),
        (" /新闻/1.html ", "https://news.sample.example/%E6%96%B0%E9%97%BB/1.html"),
        ("/a b\n.html", "https://news.sample.example/a%20b.html"),
        ("\\a\\1.html", "https://news.sample.example/a/1.html"),
        ("http://中文.example/1", "http://xn--fiq228c.example/1"),
        ("HTTP://X.Example:80/A", "http://x.example/A"),
        ("/../../1.html", "https://news.sample.example/1.html"),
        ("javascript:void(0)", None),
        ("JavaScript:alert(1)", None),
        ("java\nscript:alert(1)", None),
        ("#", None),
        ("#comments", None),
        ("", None),
        ("mailto:a@b.example", None),
        ("tel:123", None),
        ("data:text/html,x", None),
        ("ftp://x.example/1", None),
        ("http://", None),
        ("http:///a.example/1", "http://a.example/1"),
        ("//x.example\\1", "https://x.example/1"),
        ("http://[::1", None),
        ("http://x.example:99999/", None),
        ("http://a b.example/", None),
        ("http://0x7f.1/a", "http://127.0.0.1/a"),
        ("http://u:secret@x.example./a", "http://x.example/a"),
        ("/a?q='x'", "https://news.sample.example/a?q=%27x%27"),
        ("http://http://x.example/", None),
        ("/a/{{item.id}}.html", None),
        ("/a/' + id + '.html", None),
    ],
)
def test_resolve(href: str, expected: str | None) -> None:
    assert resolve(BASE, href) == expected


def test_resolve_without_a_base_keeps_absolute_links_only() -> None:
    assert resolve("", "/a") is None
    assert resolve("", "http://x.example/a") == "http://x.example/a"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("HTTP://News.Sample.Example:80/a/index.html#x", "http://news.sample.example/a/"),
        ("https://a.example/1.html?spm=a.b.c&from=singlemessage&isappinstalled=0", "https://a.example/1.html"),
        ("https://a.example/s?id=17&wfr=spider&for=pc", "https://a.example/s?id=17"),
        ("https://a.example/1?f=pc_recommends&share_token=x&utm_source=y", "https://a.example/1"),
        ("https://a.example/1?f=7&_t=1690000000", "https://a.example/1?f=7"),
        ("https://a.example/1?t=1690000000000", "https://a.example/1"),
        ("https://a.example/thread?t=4711", "https://a.example/thread?t=4711"),
        (
            "https://mp.a.example/s?__biz=MzA&mid=26&idx=1&sn=ab&chksm=9&scene=27#wechat_redirect",
            "https://mp.a.example/s?__biz=MzA&mid=26&idx=1&sn=ab",
        ),
        (
            "http://a.example/index.php?m=content&c=index&a=show&catid=12&id=345",
            "http://a.example/index.php?m=content&c=index&a=show&catid=12&id=345",
        ),
        ("https://a.example/?aid=5&amp;id=6", "https://a.example/?aid=5&id=6"),
        ("https://a.example/a.jsp;jsessionid=0F?id=1", "https://a.example/a.jsp?id=1"),
        ("https://a.example/%7euser/%e4%bd%a0", "https://a.example/~user/%E4%BD%A0"),
        ("https://a.example/a/%2E%2E/b", "https://a.example/b"),
        ("not a url", "not%20a%20url"),
    ],
)
def test_canonical_url(url: str, expected: str) -> None:
    assert canonical_url(url) == expected


@pytest.mark.parametrize(
    "variant",
    [
        "http://www.sample.example/c/2023-08-06/1234567.html",
        "https://m.sample.example/c/2023-08-06/1234567.html?from=timeline#share",
        "https://wap.sample.example/c/2023-08-06/1234567.html",
        "https://3g.sample.example:443/c/2023-08-06/1234567.html",
        "http://sample.example:80/m/c/2023-08-06/1234567.html",
        "https://www.sample.example/amp/c/2023-08-06/1234567.html",
        "https://www.sample.example/c//2023-08-06/./1234567.html?utm_campaign=x",
        "https://www.sample.example/sid_cced28c6dc3f99c2/c/2023-08-06/1234567.html",
        "https://WWW.Sample.Example/c/2023%2D08-06/1234567.html?&",
        "sample.example/c/2023-08-06/1234567.html",
    ],
)
def test_one_key_for_every_variant(variant: str) -> None:
    assert article_key(variant) == "sample.example/c/2023-08-06/1234567.html"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.example/show?id=1", "https://a.example/show?id=2"),
        (
            "https://a.example/?m=content&c=index&a=show&catid=1&id=1",
            "https://a.example/?m=content&c=index&a=show&catid=1&id=2",
        ),
        ("https://a.example/s?__biz=A&mid=1&idx=1&sn=a", "https://a.example/s?__biz=A&mid=1&idx=2&sn=b"),
        ("https://news.a.example/1.html", "https://sport.a.example/1.html"),
        ("http://127.0.0.1:8001/1.html", "http://127.0.0.1:8002/1.html"),
        ("https://a.example/1_2.html", "https://a.example/1.html"),
        ("https://a.example/A", "https://a.example/a"),
        ("https://m.cn/1", "https://www.cn/1"),
    ],
)
def test_different_articles_have_different_keys(one: str, other: str) -> None:
    assert article_key(one) != article_key(other)


def test_parameter_order_and_final_slash_do_not_count() -> None:
    assert article_key("http://a.example/x/?b=2&a=1") == article_key("https://www.a.example/x?a=1&b=2")
    assert article_key("http://a.example/x/index.shtml") == "a.example/x"


def test_a_long_key_ends_in_a_hash_and_stays_distinct() -> None:
    keys = {article_key("https://a.example/" + "路" * 400 + str(n)) for n in range(3)}
    assert len(keys) == 3
    assert all(len(key.encode()) <= KEY_BYTES for key in keys)


ADDRESS_TEXT = st.text(
    alphabet=string.ascii_letters + string.digits + "/.:?&=#%-_~@[];{}()\\ 中ß\u200b\x00" + "\ud800", max_size=80
)


WHOLE_ADDRESS = st.builds(
    "{}{}/{}".format,
    st.sampled_from(["http://", "https://", "HTTP://"]),
    st.sampled_from(["a.example", "www.B.com.cn:80"]),
    ADDRESS_TEXT,
)


@settings(max_examples=400, deadline=None)
@given(st.one_of(ADDRESS_TEXT, WHOLE_ADDRESS, st.text()))
def test_no_address_raises_and_folding_is_idempotent(url: str) -> None:
    canonical = canonical_url(url)
    assert canonical_url(canonical) == canonical
    key = article_key(url)
    assert key.isascii()
    assert len(key) <= KEY_BYTES
    assert article_key(canonical) == key
    resolved = resolve(BASE, url)
    assert resolved is None or resolved.startswith(("http://", "https://"))
    assert 0 <= article_likelihood(url) <= 1
    registered_domain(url)
    url_pattern(url)
    url_date(url)
    is_public_ip(url)


@settings(max_examples=300, deadline=None)
@given(WHOLE_ADDRESS, st.sampled_from(["spm=1", "from=x", "utm_a=b", "wfr=spider", "_t=12"]))
def test_a_tracker_never_changes_the_key(url: str, tracker: str) -> None:
    address = url.partition("#")[0].strip(" \x00\u200b")
    joined = f"{address}{'&' if '?' in address else '?'}{tracker}"
    if len(article_key(address)) < KEY_BYTES - 60:
        assert article_key(joined) == article_key(address)


SESSION = "6412817e7bab3ae2"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (f"https://a.example/gu/bond-yield-10284?sid={SESSION}", "https://a.example/gu/bond-yield-10284"),
        (f"https://a.example/show.php?sid={SESSION}", f"https://a.example/show.php?sid={SESSION}"),
        ("https://a.example/c/10284.html?sid=1234567812345678", "https://a.example/c/10284.html?sid=1234567812345678"),
    ],
)
def test_a_short_session_counts_where_the_path_names_the_article(url: str, expected: str) -> None:
    assert canonical_url(url) == expected


def test_a_java_session_is_not_asked_with() -> None:
    found = resolve("https://a.example/", f"/markets/;jsessionid={SESSION}?page=2")
    assert found == "https://a.example/markets/?page=2"


@pytest.mark.parametrize(
    ("stated", "own", "expected"),
    [
        ("/c/10284.html", "/c/10284.html?visit=8f3a", True),
        ("/show.php?id=10284", "/show.php?id=10284&visit=8f3a", True),
        ("/show.php", "/show.php?id=10284", False),
        ("/show.php?visit=1", "/show.php?id=10284&visit=8f3a", False),
        ("/c/10284.html", "/c/10284.html?page=2", False),
        ("/c/10284.html", "/c/10285.html?visit=8f3a", False),
        ("/c/10284.html", "/c/10284.html", False),
    ],
)
def test_a_stated_address_without_parameters_is_the_same_article(stated: str, own: str, expected: bool) -> None:
    assert is_bare_url("https://a.example" + stated, "https://a.example" + own) is expected
