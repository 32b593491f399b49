"""Hints: what class, id, tag and style say of the lines inside, and where it is disbelieved."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from newsspider.pages.document import Document, Hint
from newsspider.pages.markup.hints import class_hints

FETCHED = datetime(2023, 8, 7, 4, 0, tzinfo=UTC)
PROSE = "河口镇的渡口停了三天，往来的货船都在下游等候，镇上的粮店照常开门。"


def hints_of(markup: str, text: str) -> int:
    document = Document.from_text(f"<html><body>{markup}</body></html>", "https://hekou.example/a/1.html", FETCHED)
    return next(line.hints for line in document.lines if line.text == text)


@pytest.mark.parametrize(
    ("hint", "names", "near_miss"),
    [
        (Hint.COMMENT, "comment-list", "common-list"),
        (Hint.COMMENT, "pinglun", "pinglei"),
        (Hint.COMMENT, "news cmt", "newscmt"),
        (Hint.COMMENT, "reply_box", "noreply"),
        (Hint.RELATED, "related-news", "rel-news"),
        (Hint.RELATED, "box recommend", "box command"),
        (Hint.RELATED, "guess", "guest"),
        (Hint.RELATED, "hot-list", "hot-listen"),
        (Hint.RELATED, "rank", "frank"),
        (Hint.FOOTER, "foot", "barefoot"),
        (Hint.FOOTER, "friend-link", "friends"),
        (Hint.FOOTER, "copyright", "copy"),
        (Hint.NAV, "top nav", "navy"),
        (Hint.NAV, "crumbs", "crumble"),
        (Hint.NAV, "main-menu", "menuscript"),
        (Hint.NAV, "pagination", "pages"),
        (Hint.BYLINE, "source", "resort"),
        (Hint.BYLINE, "pub_time time", "pub_timer"),
        (Hint.BYLINE, "art-info", "informal"),
        (Hint.BYLINE, "meta", "metal"),
        (Hint.SIDE, "col right", "copyright-col"),
        (Hint.SIDE, "sidebar", "seaside"),
        (Hint.SHARE, "bshare", "sharp"),
        (Hint.SHARE, "ewm", "ewe"),
        (Hint.SHARE, "toolbar", "stool"),
        (Hint.AD, "ad", "adapt"),
        (Hint.AD, "gg 2", "egg"),
        (Hint.AD, "advert-top", "inadvertent"),
        (Hint.CAPTION, "img-desc", "image-description"),
        (Hint.CAPTION, "tuzhu", "tushu"),
        (Hint.ARTICLE, "content", "contents-nav"),
        (Hint.ARTICLE, "article-body", "bodyguard"),
        (Hint.ARTICLE, "TRS_Editor", "editor"),
        (Hint.ARTICLE, "zhengwen", "zhengce"),
        (Hint.ARTICLE, "detail 1", "details"),
    ],
)
def test_word_of_a_class_is_a_hint(hint: int, names: str, near_miss: str) -> None:
    assert class_hints(names) & hint
    assert not class_hints(near_miss) & hint


@pytest.mark.parametrize(
    ("opening", "hint"),
    [
        ("<nav>", Hint.NAV),
        ("<footer>", Hint.FOOTER),
        ("<aside>", Hint.SIDE),
        ("<figcaption>", Hint.CAPTION),
        ("<article>", Hint.ARTICLE),
        ("<div itemprop=articleBody>", Hint.ARTICLE),
        ("<div style='color:red; display: none'>", Hint.HIDDEN),
        ("<div hidden>", Hint.HIDDEN),
        ("<div id=comments>", Hint.COMMENT),
        ("<div>", 0),
        ("<section>", 0),
        ("<div style='display:block'>", 0),
        ("<div class=hidden-words>", 0),
        ("<div title='comment'>", 0),
    ],
)
def test_line_has_the_hints_of_the_elements_around_it(opening: str, hint: int) -> None:
    name = opening[1:].split(" ")[0].rstrip(">")
    markup = f"<p>{PROSE}</p>{opening}<p>渡口</p></{name}><p>停航</p>"
    assert hints_of(markup, "渡口") == hint
    assert hints_of(markup, "停航") == 0


def test_inline_element_hints_at_byline_caption_or_hiding_only() -> None:
    assert hints_of("<p><span class=time>8月6日</span></p>", "8月6日") == Hint.BYLINE
    assert hints_of("<p><span class=comment>8月6日</span></p>", "8月6日") == 0


@pytest.mark.parametrize("word", ["comment", "related", "sidebar", "nav", "ad"])
def test_container_of_half_of_the_prose_loses_foreign_hints(word: str) -> None:
    assert hints_of(f"<div class={word}><p>{PROSE}</p><p>渡口</p></div>", "渡口") == 0
    halves = f"<div class={word}><p>{PROSE}</p><p>渡口</p></div><p>{PROSE}</p>"
    assert hints_of(halves, "渡口") != 0


def test_container_of_half_of_the_prose_keeps_the_hint_of_an_article() -> None:
    assert hints_of(f"<div class='content comment'><p>{PROSE}</p></div>", PROSE) == Hint.ARTICLE


def test_small_container_inside_keeps_its_hints() -> None:
    markup = f"<div class=comment><p>{PROSE}</p><p>{PROSE}</p><div class=related><p>渡口</p></div></div>"
    assert hints_of(markup, "渡口") == Hint.RELATED
