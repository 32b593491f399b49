"""Frames and fetched related blocks: where they are named, and how they are put in."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from newsspider.pages.article import ArticlePage
from newsspider.pages.assembly.pieces import frame_pieces, piece_markup, with_piece
from newsspider.pages.assembly.related_sources import related_pieces
from newsspider.pages.document import Document

URL = "https://www.meixi.example/n/31.html"
NOW = datetime(2026, 5, 3, tzinfo=UTC)
TEXT = "".join(
    f"<p>梅溪镇第{n}批村口书箱上周摆了出来，村民可以随手取一本，看完再放回去，镇上每月换一次书。</p>" for n in range(4)
)


def document(block: str) -> Document:
    head = "<h1>梅溪镇把书箱摆到村口</h1><p>2026-05-02 来源：梅溪日报</p>"
    return Document.from_text(f"<html><body>{head}<div>{TEXT}</div>{block}</body></html>", URL, NOW)


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        ("<h3>相关阅读</h3><div id=xg data-url='/part/31'>加载中</div>", "/part/31"),
        ("<h3>相关阅读</h3><ul id=xg></ul><script>$('#xg').load('/part/31')</script>", "/part/31"),
        (
            "<h3>推荐阅读</h3><ul class=tj></ul><script>var id=31;fetch(`/part?id=${id}`)"
            ".then(r=>r.json()).then(d=>fill('.tj',d))</script>",
            "/part?id=31",
        ),
        (
            "<div><h3>相关阅读</h3></div><div id=xg></div><script>$.getJSON('/part',{id:31},function(d){"
            "$('#xg').html(d.html)})</script>",
            "/part?id=31",
        ),
        ("<h3>相关阅读</h3><ul id=xg></ul><script src=/js/all.js></script><script>$.get('/hits?id=31')</script>", None),
    ],
)
def test_an_empty_block_is_unread_and_its_url_is_found(block, expected):
    page = document(f"<div>{block}</div>")
    blocks = ArticlePage(page).related_blocks()
    assert [(found.links, bool(found.unread)) for found in blocks] == [(0, True)]
    pieces = related_pieces(page, blocks)
    assert [piece.url for piece in pieces] == ([f"https://www.meixi.example{expected}"] if expected else [])


def test_a_list_that_no_script_fills_is_empty():
    assert not ArticlePage(document("<div><h3>相关阅读</h3><ul></ul></div>")).related_blocks()[0].unread


@pytest.mark.parametrize(
    "answer",
    [
        "<li><a href='40.html'>梅溪镇修好了老码头</a></li>".encode(),
        '{"rows":[{"title":"梅溪镇修好了老码头","url":"/n/40.html"}]}'.encode(),
        'cb([{"title":"梅溪镇修好了老码头","url":"40.html"}])'.encode(),
        '{"html":"<li><a href=/n/40.html>梅溪镇修好了老码头</a></li>"}'.encode(),
        "<rows><row><title>梅溪镇修好了老码头</title><link>/n/40.html</link></row></rows>".encode(),
    ],
)
def test_an_answer_in_any_form_fills_the_block_and_leaves_the_text(answer):
    page = document("<div><h3>相关阅读</h3><ul id='xg'></ul><script>$('#xg').load('/part/31')</script></div>")
    piece = related_pieces(page, ArticlePage(page).related_blocks())[0]
    markup = piece_markup(answer, piece.url, NOW, None, page.base_url)
    filled = ArticlePage(Document.from_text(with_piece(page.source.text, piece, markup), URL, NOW))
    assert [link.url for link in filled.related()] == ["https://www.meixi.example/n/40.html"]
    assert filled.text() == ArticlePage(page).text()


def test_a_frame_takes_its_place_with_absolute_urls_and_without_scripts():
    page = Document.from_text(
        "<html><body><h1>梅溪镇把书箱摆到村口</h1><IFRAME SRC=/text/31.htm width=700>不支持框架</IFRAME></body></html>",
        URL,
        NOW,
    )
    (piece,) = frame_pieces(page)
    body = f"<html><body onload=x()><script>var a</script>{TEXT}<img src=p/1.jpg></body></html>".encode()
    text = with_piece(page.source.text, piece, piece_markup(body, piece.url, NOW, None, page.base_url))
    assert "不支持框架" not in text
    assert "<script" not in text
    assert 'src="https://www.meixi.example/text/p/1.jpg"' in text
    assert ArticlePage(Document.from_text(text, URL, NOW)).text().count("书箱") == 4


def test_what_is_not_readable_is_no_piece():
    assert piece_markup(b"\x89PNG\r\n", URL, NOW, "image/png", URL) is None
    assert piece_markup(b" ", URL, NOW, None, URL) is None
