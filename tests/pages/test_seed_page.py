"""The reference layout, element by element: on the reference text itself, and on an invented article of its shape."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from benchmarks.invented.linhe import HOST, REFERENCE_TEXT, REFERENCE_TITLE, Entry, Layout, article_html
from newsspider.items import Article, RelatedLink
from newsspider.pages.article import ArticlePage
from newsspider.pages.document import Document
from newsspider.pipelines.clean import clean_article

URL = f"https://{HOST}/yaowen/2023/0806/20230.html"
FETCHED_AT = datetime(2023, 8, 7, 1, 0, tzinfo=UTC)
PUBLISHED_AT = datetime(2023, 8, 6, 6, 25, 32, tzinfo=UTC)
SHOWN_TIME = "2023-08-06 14:25:32"
TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
BYLINE = re.compile(r"来源:(.+)时间:(.+)")


@dataclass(frozen=True, slots=True)
class Seed:
    """The reference page's text, taken apart by its own blank lines and headings."""

    title: str
    source: str
    time: str
    paragraphs: list[str]
    recommended: list[Entry]
    featured: list[Entry]


def read_seed(folder: Path) -> Seed:
    lines = next((folder / "seed").glob("*.txt")).read_text("utf-8").split("\n")
    filled = [line.strip() for line in lines if line.strip()]
    byline = BYLINE.fullmatch(filled[1])
    assert byline
    tags, recommended, featured = (filled.index(heading) for heading in ("标签:", "推荐阅读", "精彩放送"))
    rows = [line for line in filled[recommended + 1 : featured] if not line.startswith("+")]
    pairs = filled[featured + 1 : -1]
    return Seed(
        filled[0],
        byline[1],
        byline[2],
        filled[3 : tags - 1],
        [
            Entry(entry_url(index), title, snippet.removesuffix("更多"), time, short)
            for index, (title, short, snippet, time) in enumerate(zip(*[iter(rows)] * 4, strict=True))
        ],
        [
            Entry(f"/yule/2023/0101/{index}.html", title, snippet)
            for index, (title, snippet) in enumerate(zip(*[iter(pairs)] * 2, strict=True))
        ],
    )


def entry_url(index: int) -> str:
    """Return the address of entry `index` of 推荐阅读; the first is the page itself, with a tracker."""
    return f"{URL}?spm=1.2" if index == 0 else f"/yaowen/2023/0806/{index}.html"


def derive(html: str | bytes) -> Article:
    """Return the article as the crawl stores it: read from the page, then cleaned."""
    body = html if isinstance(html, bytes) else html.encode()
    return clean_article(ArticlePage(Document.from_bytes(body, URL, FETCHED_AT)).to_item())


def block(article: Article, name: str) -> list[RelatedLink]:
    return [link for link in article.related if link.block == name]


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


@pytest.fixture(scope="module")
def seed(shared: Path) -> Seed:
    return read_seed(shared)


@pytest.fixture(scope="module")
def seed_article(seed: Seed) -> Article:
    layout = Layout(
        seed.source,
        seed.time,
        placeholder="(资料图)",
        trailer=f"(文章来源:{seed.source})",
        header="ascii",
        recommended=seed.recommended,
        featured=seed.featured,
    )
    return derive(article_html(seed.title, seed.paragraphs, layout))


def test_seed_header_is_read_apart(seed: Seed, seed_article: Article) -> None:
    assert seed_article.title == seed.title
    assert len(seed_article.title) == 18
    assert seed_article.source == seed.source
    assert len(seed_article.source) == 4
    assert seed_article.authors == []
    assert seed_article.editor is None
    assert seed_article.published_at == PUBLISHED_AT
    assert seed_article.published_precision == "second"
    assert seed_article.tz_assumed


def test_seed_body_is_five_paragraphs(seed: Seed, seed_article: Article) -> None:
    lines = seed_article.text.split("\n")
    assert lines == seed.paragraphs
    assert len(lines) == 5
    assert sum(map(len, lines)) == 693
    assert len(seed_article.body_html.split("\n")) == 5


def test_seed_lines_taken_out_are_kept_with_their_rules(seed_article: Article) -> None:
    removed = {line.text: line.rule for line in seed_article.removed}
    assert "(资料图)" in removed
    assert any("文章来源" in text for text in removed)
    assert all(removed.values())
    assert seed_article.source_trailer == seed_article.source


def test_seed_blocks_and_their_links(seed: Seed, seed_article: Article) -> None:
    counts = {found.name: found.links for found in seed_article.related_blocks}
    assert counts == {"相关阅读": 0, "推荐阅读": 8, "精彩放送": 6, "今日推送": 0}
    recommended = block(seed_article, "推荐阅读")
    assert [link.title for link in recommended] == [entry.title for entry in seed.recommended]
    assert [link.is_self for link in recommended] == [True] + 7 * [False]
    assert [link.snippet for link in recommended] == [entry.snippet for entry in seed.recommended]
    assert all(link.published_at for link in recommended)
    assert [link.title for link in block(seed_article, "精彩放送")] == [entry.title for entry in seed.featured]


def test_seed_has_no_tags_no_images_and_one_listing_link(seed_article: Article) -> None:
    assert seed_article.tags == []
    assert seed_article.images == []
    more = [found.more_url for found in seed_article.related_blocks if found.more_url]
    assert more == [f"https://{HOST}/gundong/"]


def reference_layout() -> Layout:
    times = ("14:25:32", "14:19:44", "13:17:24", "11:16:32", "10:20:20", "09:15:15", "09:28:07", "08:25:19")
    recommended = [
        Entry(
            entry_url(index),
            REFERENCE_TITLE if index == 0 else f"霁川第{index}批背街小巷改造完工 沿街商户说“等这一天等了整整三年”",
            f"入夏以来，第{index}批街巷的施工队把开工时间挪到清晨，",
            f"2023-08-06 {time}",
        )
        for index, time in enumerate(times)
    ]
    featured = [
        Entry(
            f"/yule/2023/0101/{index}.html",
            f"纪录片第{index}集讲了什么",
            f"原创片中被罚13年2022年11月{index + 1}日上午...",
        )
        for index in range(6)
    ]
    return Layout(
        "霁川经济报", SHOWN_TIME, recommended=recommended, featured=featured, trailer="（文章来源：霁川经济报）"
    )


def assert_reference(article: Article) -> None:
    assert article.title == REFERENCE_TITLE
    assert article.source == "霁川经济报"
    assert article.authors == []
    assert squeezed(article.text) == squeezed("".join(REFERENCE_TEXT))
    assert len(article.text.split("\n")) == len(REFERENCE_TEXT)
    assert article.published_at == PUBLISHED_AT


def test_title_keeps_its_colon_and_is_eighteen_characters_long() -> None:
    assert len(REFERENCE_TITLE) == 18
    assert derive(article_html(REFERENCE_TITLE, REFERENCE_TEXT, reference_layout())).title == REFERENCE_TITLE


@pytest.mark.parametrize("header", ["spans", "joined", "link", "reordered", "ascii"])
def test_header_forms_give_the_same_article(header: str) -> None:
    assert_reference(derive(article_html(REFERENCE_TITLE, REFERENCE_TEXT, replace(reference_layout(), header=header))))


@pytest.mark.parametrize("source", ["北京时间", "时间财经", "第一财经"])
def test_source_that_holds_a_label_word_is_kept_whole(source: str) -> None:
    layout = replace(reference_layout(), source=source, header="joined", trailer="")
    assert derive(article_html(REFERENCE_TITLE, REFERENCE_TEXT, layout)).source == source


@pytest.mark.parametrize("source", ["", "未知", "网络", "互联网"])
def test_empty_source_falls_back_to_the_trailer(source: str) -> None:
    layout = replace(reference_layout(), source=source, header="joined")
    assert derive(article_html(REFERENCE_TITLE, REFERENCE_TEXT, layout)).source == "霁川经济报"


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        ("2023年08月06日 14:25", datetime(2023, 8, 6, 6, 25, tzinfo=UTC)),
        ("2023年8月6日14时25分", datetime(2023, 8, 6, 6, 25, tzinfo=UTC)),
        ("2小时前", datetime(2023, 8, 6, 23, 0, tzinfo=UTC)),
        ("昨天 08:30", datetime(2023, 8, 6, 0, 30, tzinfo=UTC)),
        ("08-06 14:25", datetime(2023, 8, 6, 6, 25, tzinfo=UTC)),
    ],
)
def test_time_forms_never_give_a_neighbours_date(shown: str, expected: datetime) -> None:
    html = article_html(REFERENCE_TITLE, REFERENCE_TEXT, replace(reference_layout(), time=shown))
    assert derive(html.replace("2023-08-06", "2023-07-19")).published_at == expected


def test_missing_time_is_the_day_of_the_address_but_no_neighbours() -> None:
    html = article_html(REFERENCE_TITLE, REFERENCE_TEXT, replace(reference_layout(), time=""))
    html = html.replace("2023-08-06", "2023-07-19").replace("/2023/0806/", "/")
    article = derive(html)
    assert article.published_at == datetime(2023, 8, 5, 16, 0, tzinfo=UTC)
    assert (article.published_precision, article.methods["published_at"]) == ("day", "url")


@pytest.mark.parametrize(
    "placeholder", ["", "（资料图）", "(资料图)", "【资料图】", "（资料图片）", "（资料图片仅供参考）"]
)
def test_placeholder_line_is_no_paragraph(placeholder: str) -> None:
    layout = replace(reference_layout(), placeholder=placeholder)
    article = derive(article_html(REFERENCE_TITLE, REFERENCE_TEXT, layout))
    assert_reference(article)
    assert [line.text for line in article.removed if "资料图" in line.text] == ([placeholder] if placeholder else [])


def test_placeholder_in_the_middle_is_removed_and_a_sentence_with_the_word_stays() -> None:
    sentence = "这张资料图拍摄于三年前，图中的摊点早已不在。"
    paragraphs = [*REFERENCE_TEXT[:2], "（资料图）", sentence, *REFERENCE_TEXT[2:]]
    article = derive(article_html(REFERENCE_TITLE, paragraphs, reference_layout()))
    assert article.text.split("\n") == [*REFERENCE_TEXT[:2], sentence, *REFERENCE_TEXT[2:]]


def test_trailer_glued_to_the_last_sentence_is_cut_off() -> None:
    layout = replace(reference_layout(), is_trailer_glued=True)
    article = derive(article_html(REFERENCE_TITLE, REFERENCE_TEXT, layout))
    assert_reference(article)
    assert article.source_trailer == "霁川经济报"


def test_inline_links_and_book_titles_keep_their_text() -> None:
    html = article_html(REFERENCE_TITLE, REFERENCE_TEXT, reference_layout())
    html = html.replace("在踏实经营中", '在<a href="/book/">《街巷志》</a>、<em>踏实</em>经营中')
    assert derive(html).text.endswith("在《街巷志》、踏实经营中站稳脚跟。")


@pytest.mark.parametrize(("encoding", "declared"), [("gbk", "gbk"), ("gb18030", "gb2312"), ("utf-8", "utf-8")])
def test_encodings_and_rare_characters(encoding: str, declared: str) -> None:
    rare = "镕" if encoding == "gbk" else "镕㛃𠮷"
    html = article_html(
        REFERENCE_TITLE, [f"{rare}街的改造已经完工，沿街住户都说走路宽敞了许多。", *REFERENCE_TEXT], reference_layout()
    )
    article = derive(html.replace('charset="utf-8"', f'charset="{declared}"').encode(encoding))
    assert article.text.startswith(f"{rare}街")
    assert article.title == REFERENCE_TITLE


def test_body_of_line_breaks_gives_the_same_paragraphs() -> None:
    html = article_html(REFERENCE_TITLE, REFERENCE_TEXT, reference_layout())
    start, end = html.index('<div class="con"'), html.index('<div class="bq">')
    body = html[start:end].replace("<p>", "").replace("</p>", "<br><br>")
    assert_reference(derive(html[:start] + body + html[end:]))


def test_related_block_before_the_body_is_no_body() -> None:
    html = article_html(REFERENCE_TITLE, REFERENCE_TEXT, reference_layout())
    start, end = html.index('<div class="tjyd">'), html.index('<div class="right">')
    related = html[start:end].rpartition("</div>")[0]
    moved = html.replace(related, "").replace('<div class="con"', f'{related}<div class="con"')
    article = derive(moved)
    assert squeezed(article.text) == squeezed("".join(REFERENCE_TEXT))
    assert len(block(article, "推荐阅读")) == 8


def test_empty_block_as_last_bytes_takes_nothing_in() -> None:
    html = article_html(REFERENCE_TITLE, REFERENCE_TEXT, reference_layout())
    assert html.endswith("　　今日推送")
    article = derive(html)
    assert [found.links for found in article.related_blocks if found.name == "今日推送"] == [0]
    assert all("今日推送" not in (link.snippet or "") for link in article.related)
    assert "今日推送" not in article.text


def test_cut_titles_are_kept_apart_from_full_ones() -> None:
    article = derive(article_html(REFERENCE_TITLE, REFERENCE_TEXT, reference_layout()))
    cut = [link for link in block(article, "推荐阅读") if not link.is_self]
    assert all(link.title.endswith("等了整整三年”") for link in cut)
    assert all(link.short_title and link.title.startswith(link.short_title) for link in cut)


def test_changing_related_blocks_leave_the_hash_alone() -> None:
    layout = reference_layout()
    other = replace(layout, recommended=list(reversed(layout.recommended))[:5], featured=[])
    first = derive(article_html(REFERENCE_TITLE, REFERENCE_TEXT, layout))
    assert derive(article_html(REFERENCE_TITLE, REFERENCE_TEXT, other)).content_hash == first.content_hash
