"""Whether a URL is an article's, from its form alone."""

import pytest

from newsspider.urls import (
    article_likelihood,
    url_date,
    url_pattern,
)

ARTICLES = [
    "https://a.example/2023/0806/1234567.html",
    "https://a.example/c/2023-08/06/content_123.htm",
    "https://a.example/202308/t20230806_55.shtml",
    "https://a.example/a/20230806A01XYZ00",
    "https://a.example/a/202308/06/1.html",
    "https://a.example/news/1234567.html",
    "https://a.example/article/48213",
    "https://a.example/content_123.html",
    "https://a.example/show.php?id=123",
    "https://a.example/index.php?m=content&c=index&a=show&catid=1&id=33",
    "https://a.example/article/IBDK3Q8T0001899O.html",
    "https://a.example/news/china-economy-grows-in-second-quarter",
    "https://a.example/2023/08/06/123456/",
    "https://a.example/p/7180429",
    "https://a.example/portal.php?mod=view&aid=123",
    "https://a.example/2026/11/dukou/",
    "https://a.example/2026/11/25/%E6%B8%A1%E5%8F%A3/",
    "https://a.example/archives/123",
    "https://a.example/article/7263/",
]


OTHERS = [
    "https://a.example/",
    "https://a.example/china/",
    "https://a.example/china/index_2.html",
    "https://a.example/list_12_3.html",
    "https://a.example/list-3.html",
    "https://a.example/news/?page=4",
    "https://a.example/index.php?m=content&c=index&a=lists&catid=1",
    "https://a.example/search?q=x",
    "https://a.example/tag/123",
    "https://a.example/login.html",
    "https://a.example/about/",
    "https://a.example/2023/08/06/1.jpg",
    "https://a.example/feed/",
    "https://passport.a.example/u/12345678",
    "https://a.example/calendar/2023/08/",
    "https://a.example/rili/2023-08-06.html",
    "https://a.example/go/1",
    "https://a.example/page/12/",
    "https://a.example/p/12",
    "https://a.example/html/2023-08/06/node_12.htm",
    "https://a.example/list.php?id=12",
    "https://a.example/2026/11/",
    "https://a.example/2026/11/25/",
    "https://a.example/2026/11/page/2/",
    "https://a.example/archives/2026",
]


@pytest.mark.parametrize("url", ARTICLES)
def test_an_article_address_is_likely(url: str) -> None:
    assert article_likelihood(url) >= 0.5


@pytest.mark.parametrize("url", OTHERS)
def test_another_address_is_unlikely(url: str) -> None:
    assert article_likelihood(url) <= 0.25


@pytest.mark.parametrize(
    ("url", "shape"),
    [
        ("https://www.a.example/c/2023-08/06/content_1234567.htm", "a.example/c/{date}/content_{id}.htm"),
        ("https://a.example/list_12_3.html", "a.example/list_{n}_{n}.html"),
        ("https://a.example/t20230806_55.html", "a.example/t{date}_{n}.html"),
        ("https://a.example/s?b=abc&a=12&c=x-9", "a.example/s?a={n}&b=abc&c={v}"),
        ("https://a.example/article/IBDK3Q8T0001899O.html", "a.example/article/{key}.html"),
        ("https://a.example/n/china-economy-grows-again", "a.example/n/{slug}"),
    ],
)
def test_url_shape(url: str, shape: str) -> None:
    assert url_pattern(url) == shape


def test_url_date() -> None:
    assert url_date("https://a.example/2023/0806/1.html") == (2023, 8, 6)
    assert url_date("https://a.example/202308/1.html") == (2023, 8, None)
    assert url_date("https://a.example/2023/8/6/1.html") == (2023, 8, 6)
    assert url_date("https://a.example/123456789.html") is None


def test_own_host_of_a_forum_does_not_speak_against_its_threads() -> None:
    url = "http://bbs.example.com/thread-8000-1-1.html"
    assert article_likelihood(url) < 0.1 < 0.5 <= article_likelihood(url, is_own_host=True)


@pytest.mark.parametrize("path", ["space-uid-12.html", "u.php?uid=12", "home.php?mod=space&uid=12"])
def test_page_of_a_member_is_not_an_article(path: str) -> None:
    assert article_likelihood(f"http://bbs.example.com/{path}", is_own_host=True) <= 0.03
