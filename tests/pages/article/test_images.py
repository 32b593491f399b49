"""Pictures of a body: lazy addresses first, icons and codes out; captions by element, words, looks and place."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from newsspider.pages.article.images import body_images
from newsspider.pages.document import Document

FETCHED = datetime(2023, 8, 7, 4, 0, tzinfo=UTC)
TITLE = "河口镇渡口停航三天后恢复通航"
IMAGE = "<img src='/p/1.jpg'>"
CAPTION = "渡口停了三天"
PROSE = "<p>河口镇的渡口停了三天，往来的货船都在下游等候，镇上的粮店照常开门。</p>"


def read(html: str) -> list[tuple[str, str | None]]:
    page = f"<html><head><title>{TITLE}_河口网</title></head><body>{PROSE}{html}{PROSE}</body></html>"
    document = Document.from_text(page, "https://hekou.example/a/1.html", FETCHED)
    found = body_images(document, [line.index for line in document.lines])
    return [(image.url, image.caption) for images in found.values() for image in images]


@pytest.mark.parametrize(
    ("html", "path"),
    [
        ("<img src='/p/1.jpg'>", "/p/1.jpg"),
        ("<img src='/static/blank.gif' data-src='/p/1.jpg'>", "/p/1.jpg"),
        ("<img src='data:image/gif;base64,R0' data-original='/p/1.jpg'>", "/p/1.jpg"),
        ("<img srcset='/p/1.jpg 300w, /p/2.jpg 600w'>", "/p/2.jpg"),
        ("<img src='/p/1.jpg' data-thumb-src='/p/2.jpg' data-share-img='/p/3.jpg' data-link='/p/4.jpg'>", "/p/1.jpg"),
        ("<img src='/p/1.jpg' loading='lazy' data-lazy='true' data-index='3'>", "/p/1.jpg"),
        ("<img src='/static/grey.gif' data-srcset='/p/1.jpg 1x, /p/2.jpg 2x'>", "/p/2.jpg"),
        ("<img src='/static/grey.gif' data-real-src='//hekou.example/p/1'>", "/p/1"),
        ("<img src='data:image/gif;base64,R0'><noscript><img src='/p/1.jpg'></noscript>", "/p/1.jpg"),
        ("<img src='/p/1.jpg?w=9'><noscript><img src='/p/1.jpg'></noscript>", "/p/1.jpg?w=9"),
        ("<noscript><IMG alt='a > b' SRC=/p/1.jpg></noscript>", "/p/1.jpg"),
        ("<picture><source srcset='/p/1.webp 1200w, /p/2.webp 400w'><img src='data:image/gif;base64,R0'></picture>",
            "/p/1.webp"),
        ("<picture><source srcset='/p/1.webp' media='(min-width: 9em)'><img src='/p/2.jpg'></picture>", "/p/2.jpg"),
        ("<picture><source data-srcset='/p/1.webp'><img src='/static/blank.gif'></picture>", "/p/1.webp"),
        ("<img src='/p/1.jpg' width='40'>", None),
        ("<img src='/icons/1.png'>", None),
        ("<img src='/p/1.jpg' alt='扫码关注公众号'>", None),
    ],
)  # fmt: skip
def test_address(html: str, path: str | None) -> None:
    assert [url for url, _ in read(html)] == ([f"https://hekou.example{path}"] if path else [])


@pytest.mark.parametrize(
    "name",
    [
        "real_src", "data-lazy", "data-lazyload-src", "data-realsrc", "data-bigsrc", "data-defer-src", "lazysrc",
        "xsrc", "osrc", "load-src", "data-backsrc", "data-image", "data-full-url", "data-hi-res", "zoomfile", "_src",
        "data-cover",
    ],
)  # fmt: skip
def test_address_stands_in_any_attribute_while_src_holds_a_placeholder(name: str) -> None:
    assert read(f"<img src='/static/grey.gif' {name}='/p/1.jpg'>") == [("https://hekou.example/p/1.jpg", None)]


@pytest.mark.parametrize(
    "html",
    [
        f"<figure>{IMAGE}<figcaption>{CAPTION}</figcaption></figure>",
        f"<p>{IMAGE}</p><center>{CAPTION}</center>",
        f"<p>{IMAGE}</p><p class='tushuo'>{CAPTION}</p>",
        f"<div>{IMAGE}<p class='picture_desc__1Lk0a'>{CAPTION}</p></div>",
        f"<p>{IMAGE}</p><p style='text-align: center;'><span style='font-size: 12px'>{CAPTION}</span></p>",
        f"<p>{IMAGE}</p><p align='center'><font color='#888888'>{CAPTION}</font></p>",
        f"<p>{IMAGE}</p><p style='text-align:center;color:rgb(136, 136, 136)'>{CAPTION}</p>",
        f"<table><tr><td>{IMAGE}</td></tr><tr><td><p>{CAPTION}</p></td></tr></table>",
    ],
)
def test_caption_under_the_picture(html: str) -> None:
    assert read(html) == [("https://hekou.example/p/1.jpg", CAPTION)]


@pytest.mark.parametrize(
    "caption", ["渡口停航 河口日报 图", "渡口停航。王五摄", "▲渡口停航", "图为渡口", "渡口（資料圖）"]
)
def test_caption_by_its_words(caption: str) -> None:
    assert read(f"<p>{IMAGE}</p><p>{caption}</p>") == [("https://hekou.example/p/1.jpg", caption)]


@pytest.mark.parametrize(
    "html",
    [
        f"<p>{IMAGE}</p><p>{CAPTION}</p>",
        f"<p>{IMAGE}</p><h3 class='pictext'>{CAPTION}</h3>",
        f"<p>{IMAGE}</p><p style='text-align: center;'>{CAPTION}</p>",
        f"<p>{IMAGE}</p><p style='text-align: center;'><span style='font-size: 22px'>{CAPTION}</span></p>",
        f"<p>{IMAGE}</p><p align='center'><font color='#cc0000'>{CAPTION}</font></p>",
        f"<p>{IMAGE}</p><p style='text-align:center;font-size:12px'>{CAPTION}，船还没有来。</p>",
        f"<table><tr><td>{IMAGE}</td></tr><tr><td>{CAPTION}</td></tr><tr><td>水位回落</td></tr></table>",
        f"<p>{IMAGE}</p><p class='picture_box'>{CAPTION}</p>",
        f"<img src='/p/1.jpg' alt='{TITLE}'>",
        "<img src='/p/1.jpg' alt='photo of a ferry'>",
    ],
)
def test_other_lines_and_the_headline_are_no_caption(html: str) -> None:
    assert read(html) == [("https://hekou.example/p/1.jpg", None)]


def test_alternative_text_is_the_last_resort() -> None:
    assert read(f"<img src='/p/1.jpg' alt='{CAPTION}'>") == [("https://hekou.example/p/1.jpg", CAPTION)]


def test_a_picture_counts_once() -> None:
    assert len(read(f"<p>{IMAGE}</p><p>{IMAGE}</p>")) == 1
