"""Broken pages: whatever arrives, a typed item comes out, and soon."""

import random
import time
import types
import typing
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime

import pytest
from project import ROOT

from newsspider.items import Article
from newsspider.pages.article import ArticlePage
from newsspider.pages.document import Document
from newsspider.pages.listing import ListingPage
from newsspider.pipelines.clean import clean_article
from newsspider.text.dates import parse_labelled_date

FIXTURES = ROOT / "fixtures"
FETCHED_AT = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)
MUTATIONS = (400, 10_000)  # short form, long form
PAGE_LIMIT_S = 2.0
# on a machine that is busy with other work: as many times what an ordinary page takes there
MOST_ORDINARY_PAGES = 1000
BROKEN_ENTITIES = (b"&#x110000;", b"&#99999999999;", b"&nbsp", b"&amp;lt;", b"&#0;", b"&#xD800;", b"&bogus;", b"&")
STRAY_TAGS = (
    b"</html>",
    b"<table>",
    b"</div>",
    b"<!--",
    b"<script>",
    b"</p></p>",
    b"<a href='",
    b"]]>",
    b"<svg><style>",
    b'"',
    b"'>",
    b"--!>",
    b"<textarea>",
    b"<template>",
    b"<object data='",
    b"<noscript><img src=",
    b"<span style='display:none'>",
    b"<table><tr><td>1<td>2<tr><td>3<td>4",
    b"\0",
)


def _cut(body: bytes, chance: random.Random, _: list[bytes]) -> bytes:
    return body[: chance.randrange(len(body) + 1)]


def _splice(body: bytes, chance: random.Random, others: list[bytes]) -> bytes:
    other = chance.choice(others)
    return body[: chance.randrange(len(body) + 1)] + other[chance.randrange(len(other) + 1) :]


def _flip_bytes(body: bytes, chance: random.Random, _: list[bytes]) -> bytes:
    changed = bytearray(body)
    for _count in range(min(len(changed), chance.randint(1, 60))):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def _drop_tags(body: bytes, chance: random.Random, _: list[bytes]) -> bytes:
    pieces = body.split(b"<")
    return b"<".join(piece for piece in pieces if chance.random() > 0.1)


def _break_entities(body: bytes, chance: random.Random, _: list[bytes]) -> bytes:
    return _insert(body, chance, BROKEN_ENTITIES)


def _stray_tags(body: bytes, chance: random.Random, _: list[bytes]) -> bytes:
    return _insert(body, chance, STRAY_TAGS)


def _insert(body: bytes, chance: random.Random, pieces: tuple[bytes, ...]) -> bytes:
    for _count in range(chance.randint(1, 8)):
        at = chance.randrange(len(body) + 1)
        body = body[:at] + chance.choice(pieces) + body[at:]
    return body


MUTATORS: tuple[Callable[[bytes, random.Random, list[bytes]], bytes], ...] = (
    _cut,
    _splice,
    _flip_bytes,
    _drop_tags,
    _break_entities,
    _stray_tags,
)


def _has_type(value: object, hint: object) -> bool:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        return any(_has_type(value, argument) for argument in arguments)
    if origin is list:
        return isinstance(value, list) and all(_has_type(entry, arguments[0]) for entry in value)
    if origin is dict:
        return isinstance(value, dict) and all(
            _has_type(key, arguments[0]) and _has_type(entry, arguments[1]) for key, entry in value.items()
        )
    if hint is typing.Any:
        return True
    if isinstance(hint, type) and is_dataclass(hint):
        return isinstance(value, hint) and not _wrong_fields(value)
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, hint)  # type: ignore[arg-type]


def _wrong_fields(item: object) -> list[str]:
    hints = typing.get_type_hints(type(item))
    return [f.name for f in fields(item) if not _has_type(getattr(item, f.name), hints[f.name])]  # type: ignore[arg-type]


def _read(body: bytes, content_type: str | None = "text/html") -> Article:
    document = Document.from_bytes(body, "https://www.fuzz.example/2026/1101/1.html", FETCHED_AT, content_type)
    item = clean_article(ArticlePage(document).to_item())
    ListingPage(document).entries()
    return item


def _assert_sound(item: Article) -> None:
    assert not _wrong_fields(item)
    assert item.body_html.count("\n") == item.text.count("\n")
    for moment in (item.published_at, *(link.published_at for link in item.related)):
        assert moment is None or moment.tzinfo is not None
    for optional in (item.source, item.editor, item.section, item.published_raw, *item.authors, *item.tags):
        assert optional is None or optional.strip()


def _fixture_pages() -> list[bytes]:
    bodies = [path.read_bytes() for path in sorted(FIXTURES.glob("*/*/page.html"))]
    return [body for body in bodies if body]


@pytest.fixture(scope="module")
def dateparser_is_loaded() -> None:
    """Have dateparser read its languages, once for a process: that takes seconds, whatever the page."""
    parse_labelled_date("of no language 2024 12", FETCHED_AT)


@pytest.mark.usefixtures("dateparser_is_loaded")
@pytest.mark.parametrize("seed", range(4))
def test_mutated_pages_give_a_typed_item_in_time(seed: int, soak: Callable[[int, int], int]) -> None:
    pages = _fixture_pages()
    chance = random.Random(seed)
    for number in range(soak(*MUTATIONS) // 4):
        body = chance.choice(pages)
        for mutate in chance.sample(MUTATORS, chance.randint(1, 3)):
            body = mutate(body, chance, pages)
        started = time.thread_time()
        item = _read(body)
        taken = time.thread_time() - started
        assert taken < PAGE_LIMIT_S, f"seed {seed}, mutation {number}: {taken:.1f} s"
        _assert_sound(item)


LINK = '<li><a href="/2026/1101/{0}.html">第{0}条新闻的标题写在这里</a> 2026-11-01</li>'
EXTREMES = {
    "nesting": b"<div>" * 5000 + "深处的一句话，到此为止。".encode() + b"</div>" * 5000,
    "inline nesting": b"<p>" + b"<b><i>" * 5000 + "深处的一句话。".encode(),
    "one long text node": ("<p>" + "这是一个没有尽头的段落，字数很多。" * 21_000 + "</p>").encode(),
    "one long text node without punctuation": ("<p>" + "字" * 350_000 + "</p>").encode(),
    "digits without end": ("<p>来源:" + "2023-08-06 " * 100_000 + "</p>").encode(),
    "label characters without end": ("<p>" + "来源:作者:时间:责任编辑:" * 30_000 + "</p>").encode(),
    "brackets without end": ("<p>" + "（记者" * 100_000 + "</p>").encode(),
    "spaces without end": b"<p>" + b" \t\n" * 330_000 + b"</p>",
    "20,000 links": "".join(LINK.format(n) for n in range(20_000)).encode(),
    "script without end": b"<script>window.__INITIAL_STATE__=" + b'{"a":[' * 100_000,
    "attributes without end": b"<div " + b"a=1 " * 250_000 + b">",
    "only NUL": b"\0" * 10_000,
    "binary": bytes(range(256)) * 2_000,
    "UTF-16 without a mark": "<p>正文在这里。</p>".encode("utf-16-le") * 50,
    "empty": b"",
}


@pytest.mark.usefixtures("dateparser_is_loaded")
@pytest.mark.parametrize("name", EXTREMES)
def test_extreme_pages_give_a_typed_item_in_time(name: str) -> None:
    started = time.thread_time()
    item = _read(EXTREMES[name])
    taken = time.thread_time() - started
    _assert_sound(item)
    assert taken < PAGE_LIMIT_S or taken < MOST_ORDINARY_PAGES * _ordinary_s(), f"{taken:.1f} s"


def _ordinary_s() -> float:
    """Return the seconds that a recorded page takes here and now, on average."""
    pages = _fixture_pages()[:40]
    started = time.thread_time()
    for page in pages:
        _read(page)
    return (time.thread_time() - started) / len(pages)
