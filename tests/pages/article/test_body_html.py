"""The body as simple HTML: one line of it for each line of text, spans that would cross left out."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from newsspider.items import Image
from newsspider.pages.article.body_html import line_html
from newsspider.pages.document import Document

FETCHED = datetime(2023, 8, 7, 4, 0, tzinfo=UTC)


def render(html: str, images: list[Image] | None = None) -> str:
    document = Document.from_text(f"<html><body>{html}</body></html>", "https://hekou.example/a/1.html", FETCHED)
    return line_html(document, document.lines[0], images or [])


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>渡口</p>", "<p>渡口</p>"),
        ("<div>渡口</div>", "<p>渡口</p>"),
        ("<h1>渡口</h1>", "<h2>渡口</h2>"),
        ("<h4>渡口</h4>", "<h4>渡口</h4>"),
        ("<blockquote><p>渡口</p></blockquote>", "<blockquote>渡口</blockquote>"),
        ("<ul><li>渡口</li></ul>", "<ul><li>渡口</li></ul>"),
        ("<ol><li><p>渡口</p></li></ol>", "<ol><li>渡口</li></ol>"),
        ("<p>船费&lt;1元&amp;免费</p>", "<p>船费&lt;1元&amp;免费</p>"),
        ("<p>去<a href='/b?x=1&amp;y=2'>渡口</a>看</p>", '<p>去<a href="https://hekou.example/b?x=1&amp;y=2">渡口</a>看</p>'),
        ("<p>去<a href='javascript:x()'>渡口</a>看</p>", "<p>去渡口看</p>"),
        ("<p><b>渡口</b>停航</p>", "<p><strong>渡口</strong>停航</p>"),
        ("<p><b>渡<em>口</em></b>停航</p>", "<p><strong>渡<em>口</em></strong>停航</p>"),
        ("<p><span class='x'>渡口</span>停航</p>", "<p>渡口停航</p>"),
        ("<table><tr><th>班次<td><a href='/b'>首班</a><b>快</b><tr><td>一<td>二<tr><td>三<td>四</table>",
            '<table data-table="2"><tr><th>班次</th>'
            '<td><a href="https://hekou.example/b">首班</a><strong>快</strong></td></tr></table>'),
    ],
)  # fmt: skip
def test_line(html: str, expected: str) -> None:
    assert render(html) == expected


def test_figures_stand_in_front() -> None:
    images = [Image('https://hekou.example/p/"1".jpg', "渡口")]
    assert render("<p>渡口</p>", images) == (
        '<figure><img src="https://hekou.example/p/&quot;1&quot;.jpg"></figure><p>渡口</p>'
    )
    assert render("<p><img src='/p/1.jpg'></p>", images[:1]).endswith("</figure>")
