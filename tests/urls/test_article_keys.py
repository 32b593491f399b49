"""Article keys are stored: a key that changes makes a known article a new one, and needs a migration."""

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin

import pytest
from lxml import html

from newsspider.urls import article_key, resolve

FIXTURES = Path(__file__).parents[2] / "fixtures"
STORED = [line.split("\t") for line in Path(__file__).with_name("article_keys.tsv").read_text("utf-8").splitlines()]


def test_stored_keys_never_change() -> None:
    assert {url: article_key(url) for url, _ in STORED} == dict(STORED)


def links(site: Path) -> Iterator[tuple[str, str]]:
    for meta in sorted(site.glob("*/meta.json")):
        page = meta.with_name("page.html")
        if page.exists():
            base = json.loads(meta.read_text("utf-8"))["url"]
            yield from ((base, str(href)) for href in html.fromstring(page.read_bytes()).xpath("//@href"))


@pytest.mark.parametrize("site", sorted(path.name for path in FIXTURES.iterdir() if path.is_dir()))
def test_resolving_by_the_url_standard_keeps_the_key_of_every_fixture_link(site: str) -> None:
    found = {link: url for link in links(FIXTURES / site) if (url := resolve(*link))}
    assert found
    assert {link: article_key(url) for link, url in found.items()} == {
        link: article_key(urljoin(*link)) for link in found
    }
