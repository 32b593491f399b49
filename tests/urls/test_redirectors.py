"""URLs that name another of the same site."""

import pytest

from newsspider.urls import redirect_target

SITE = "https://www.tianhu.example"


@pytest.mark.parametrize(
    "query",
    [
        "/go?url=/n/7.html",
        "/go.php?url=%2Fn%2F7.html",
        "/link/?target=https%3A%2F%2Fwww.tianhu.example%2Fn%2F7.html",
        "/jump.aspx?id=3&u=https%253A%252F%252Fwww.tianhu.example%252Fn%252F7.html",
        "/redirect?to=aHR0cHM6Ly93d3cudGlhbmh1LmV4YW1wbGUvbi83Lmh0bWw=",
    ],
)
def test_the_target_is_read_from_the_query(query):
    assert redirect_target(SITE + query) == f"{SITE}/n/7.html"


@pytest.mark.parametrize(
    "query",
    [
        "/go?url=https://www.other.example/n/7.html",
        "/n/7.html?url=/n/8.html",
        "/go?id=7",
        "/go?url=javascript:alert(1)",
        "/go?url=%2Fgo%3Furl%3D",
    ],
)
def test_other_sites_other_pages_and_no_url_are_left_alone(query):
    assert redirect_target(SITE + query) in (None, f"{SITE}/go?url=")
