"""One article out of parts: everything once, in order."""

from datetime import UTC, datetime
from typing import Any

import pytest

from newsspider.items import Article, Image, RelatedBlock, RelatedLink, Removed
from newsspider.pages.article.parts import join_pages

URL = "https://www.sample.example/a/100.html"


def part(number: int, *lines: str, **fields: Any) -> Article:
    url = URL if number == 1 else URL.replace(".html", f"_{number}.html")
    html = "\n".join(f"<p>{line}</p>" for line in lines)
    base: dict[str, Any] = {"title": "东湖新桥今日通车", "fetched_at": datetime(2026, 11, 1, 8, number, tzinfo=UTC)}
    return Article(
        url.removeprefix("https://www."), url, "sample.example", text="\n".join(lines), body_html=html, **base | fields
    )


def test_parts_are_joined_in_order() -> None:
    article = join_pages([part(1, "第一段。", "第二段。"), part(2, "第三段。"), part(3, "第四段。")])
    assert article.text == "第一段。\n第二段。\n第三段。\n第四段。"
    assert article.body_html.count("\n") == 3
    assert (article.pages, article.url, article._id) == (3, URL, "sample.example/a/100.html")
    assert article.methods["pages"] == "3 of 3 parts"


def test_a_lead_every_part_repeats_is_kept_once() -> None:
    article = join_pages([part(1, "编者按：今日通车。", "第一段。"), part(2, "编者按：今日通车。", "第二段。")])
    assert article.text == "编者按：今日通车。\n第一段。\n第二段。"


def test_a_note_every_part_ends_in_is_kept_at_the_end() -> None:
    article = join_pages([part(1, "第一段。", "（未经授权不得转载）"), part(2, "第二段。", "（未经授权不得转载）")])
    assert article.text == "第一段。\n第二段。\n（未经授权不得转载）"


def test_a_sentence_repeated_in_the_middle_stays() -> None:
    article = join_pages([part(1, "第一段。", "他说：好。", "第二段。"), part(2, "第三段。", "他说：好。", "第四段。")])
    assert article.text.split("\n").count("他说：好。") == 2


def test_the_whole_replaces_its_first_part() -> None:
    article = join_pages([part(1, "第一段。", "第二段。"), part(2, "第一段。", "第二段。", "第三段。")])
    assert article.text == "第一段。\n第二段。\n第三段。"
    assert article.pages == 1


def test_a_part_fetched_twice_counts_once() -> None:
    article = join_pages([part(1, "第一段。"), part(2, "第二段。"), part(3, "第二段。")])
    assert article.text == "第一段。\n第二段。"
    assert article.pages == 2


def test_fields_of_all_parts() -> None:
    first = part(1, "第一段。", images=[Image("https://i.example/1.jpg")], tags=["桥"], source="样报")
    link = RelatedLink("相关阅读", 0, "https://www.sample.example/a/7.html", "西山茶农")
    own = RelatedLink("相关阅读", 1, "https://www.sample.example/a/100_2.html", "东湖新桥今日通车")
    second = part(
        2,
        "第二段。",
        images=[Image("https://i.example/1.jpg"), Image("https://i.example/2.jpg", "桥面")],
        tags=["桥", "路"],
        source="别报",
        editor="王小明",
        related=[link, own],
        related_blocks=[RelatedBlock("相关阅读", 2)],
        removed=[Removed("editor", "责任编辑：王小明")],
    )
    article = join_pages([first, second])
    assert [image.url for image in article.images] == ["https://i.example/1.jpg", "https://i.example/2.jpg"]
    assert (article.tags, article.source, article.editor) == (["桥", "路"], "样报", "王小明")
    assert [(row.title, row.is_self) for row in article.related] == [("西山茶农", False), ("东湖新桥今日通车", True)]
    assert article.related_blocks == [RelatedBlock("相关阅读", 2)]
    assert article.removed == [Removed("editor", "责任编辑：王小明")]


def test_the_parts_themselves_are_left_alone() -> None:
    first = part(1, "第一段。")
    join_pages([first, part(2, "第二段。", tags=["路"])])
    assert (first.text, first.tags, first.methods) == ("第一段。", [], {})


def test_one_part_is_itself() -> None:
    article = join_pages([part(1, "第一段。")])
    assert (article.text, article.pages, article.methods) == ("第一段。", 1, {})


def test_no_parts() -> None:
    with pytest.raises(ValueError, match="no parts"):
        join_pages([])
