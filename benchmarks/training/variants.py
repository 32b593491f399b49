"""Variants of labelled pages: what a short text, a small page or a crowded one looks like, made from whole ones.

Most saved pages have one long text among much else. The variants are trained on and never counted in scores.
"""

from __future__ import annotations

import random
import re

from extraction import folded, shingles

from newsspider.pages.document import Block, Document, Line
from newsspider.pages.markup.hints import apply_hints
from newsspider.pages.markup.tag import Tag

GOLD_SHARE = 0.8
MIN_GOLD_LINE = 8
MIN_GOLD_LINES = 4
MIN_KEPT = 30
# Of a small page: so many lines stay around the text, and so many paragraphs of it at most.
NEAR = 4
HEAD = 6
MOST_PARAGRAPHS = 6
HEADINGS = ("相关阅读", "推荐阅读", "延伸阅读", "相關新聞")
BODY_BLOCK = 1


def cut_short(document: Document, gold: str, draw: random.Random) -> str | None:
    """Take most of the text's lines out of a page and return those that are left, None where it has too few.

    Most pages have much text; what a short one looks like beside the same columns is learned from these.
    """
    wanted = shingles(gold)
    hits = [line.index for line in document.lines if _is_gold(line.text, wanted)]
    if len(hits) < MIN_GOLD_LINES:
        return None
    count = draw.choice((1, 1, 2, 3))
    start = draw.randrange(len(hits) - count) if draw.random() < 0.25 else 0
    kept = hits[start : start + count]
    if sum(len(document.lines[index].text) for index in kept) < MIN_KEPT:
        kept = hits[start : start + count + 2]
    text = "\n".join(document.lines[index].text for index in kept)
    remove_lines(document, set(hits) - set(kept))
    return text


def crowd(document: Document, text: str, draw: random.Random) -> None:
    """Put another page's text after a page's last line: as one text, as comments under names, or as news under times.

    What stands second, under no headline of the page, may be longer than the text.
    """
    blocks, lines = document.blocks, document.lines
    outer = len(blocks)
    blocks.append(Block(Tag("div class=b", "div"), BODY_BLOCK, len(lines), 0))
    form = draw.choice(("text", "comments", "news"))
    paragraphs = [part for part in text.split("\n") if part.strip()][: draw.randrange(4, 30)]
    for number, paragraph in enumerate(paragraphs):
        label = {"text": "", "comments": f"网友{number} {number + 1}小时前", "news": f"10:{number + 10}"}[form]
        for part, tag in ((label, Tag("span class=n", "div")), (paragraph, Tag("p", "p"))):
            if part:
                blocks.append(Block(tag, outer, len(lines), 0))
                blocks[-1].last = len(lines)
                lines.append(Line(len(lines), part, len(blocks) - 1, [part]))
    for index in (0, BODY_BLOCK, outer):
        blocks[index].last = len(lines) - 1
    hints(document)


def hints(document: Document) -> None:
    """Give a page's lines their hints anew: they depend on the whole."""
    blocks = document.blocks
    for line in document.lines:
        line.hints = 0
    spans = [(block.first, block.last, block.hints) for block in blocks if block.last >= block.first]
    apply_hints(document.lines, spans)


def shrink(document: Document, gold: str, draw: random.Random) -> str | None:
    """Take most of a page away, of the text all but some paragraphs, and put a box of links between these, or not.

    Returns the text that is left, None where there was too little.
    """
    wanted = shingles(gold)
    hits = [line.index for line in document.lines if _is_gold(line.text, wanted)]
    if len(hits) < MIN_GOLD_LINES:
        return None
    kept = hits[: draw.randrange(2, MOST_PARAGRAPHS + 1)]
    text = "\n".join(document.lines[index].text for index in kept)
    near = range(hits[0] - NEAR, hits[-1] + NEAR + 1)
    removed = {
        line.index
        for line in document.lines
        if line.index not in kept and (line.index in hits or (line.index not in near and draw.random() < 0.9))
    }
    place = kept[draw.randrange(1, len(kept))]
    place -= sum(index < place for index in removed)
    remove_lines(document, removed)
    if draw.random() < 0.6:
        put_box(document, place, draw)
    return text


def without_text(document: Document, gold: str) -> None:
    """Take a page's text away, with its headline and byline above: what is left is no article."""
    wanted = shingles(gold)
    hits = [line.index for line in document.lines if _is_gold(line.text, wanted)]
    first = hits[0] if hits else 0
    head = {line.index for line in document.lines if line.level == 1 or first - HEAD <= line.index < first}
    remove_lines(document, {*hits, *head})


def front(document: Document, gold: str, texts: list[str], draw: random.Random) -> None:
    """Put entries in the place of a page's article, each with a linked headline: whole texts, openings or cards."""
    without_text(document, gold)
    blocks, lines = document.blocks, document.lines
    outer = len(blocks)
    blocks.append(Block(Tag("div class=list", "div"), BODY_BLOCK, len(lines), 0))
    form = draw.choice(("whole", "opening", "card"))
    for number, text in enumerate(draw.sample(texts, min(len(texts), draw.randrange(3, 14)))):
        entry = len(blocks)
        blocks.append(Block(Tag(f'div class="{form}"', "div"), outer, len(lines), 0))
        for tag, part, href in _entry(text, form, number, draw):
            blocks.append(Block(tag, entry, len(lines), 0))
            blocks[-1].last = len(lines)
            line = Line(len(lines), part, len(blocks) - 1, [part])
            line.level = int(tag.name[1]) if tag.name[0] == "h" else 0
            if href:
                line.anchors, line.linked = [(f'a href="{href}"', 0, len(part))], len(part)
            lines.append(line)
        blocks[entry].last = len(lines) - 1
    for index in (0, BODY_BLOCK, outer):
        blocks[index].last = len(lines) - 1
    hints(document)


def _entry(text: str, form: str, number: int, draw: random.Random) -> list[tuple[Tag, str, str]]:
    """Return (tag, text, address or "") of the lines of an entry of a front page."""
    paragraphs = [part for part in text.split("\n") if len(part) >= MIN_KEPT] or [text[:200]]
    name = draw.choice(("h2", "h3", "h2", "div"))
    title = re.split(r"[，。：；]", paragraphs[-1])[0][:28]
    found = [(Tag(name, name), title, f"/entry/{number}.html")]
    if draw.random() < 0.7:
        found.append((Tag("div class=meta", "div"), f"2024-05-{number + 10} 10:{number + 10}", ""))
    count = {"whole": draw.randrange(2, 7), "opening": draw.randrange(1, 3), "card": 1}[form]
    shown = paragraphs[:count] if form != "card" else [paragraphs[0][: draw.randrange(36, 110)] + "..."]
    found += [(Tag("p", "p"), paragraph, "") for paragraph in shown]
    if form == "opening" or draw.random() < 0.2:
        found.append(
            (Tag("p class=more", "p"), draw.choice(("阅读全文", "继续阅读", "[详细]")), f"/entry/{number}.html")
        )
    return found


def put_box(document: Document, place: int, draw: random.Random) -> None:
    """Put a heading and some links before a line, in an element beside its own."""
    blocks, lines = document.blocks, document.lines
    rows = [f"第{draw.randrange(99)}号码头今年的安排已经公布" for _ in range(draw.randrange(1, 4))]
    count = len(rows) + 1
    for line in lines[place:]:
        line.index += count
    for block in blocks:
        block.last += count if block.last >= place else 0
        block.first += count if block.first >= place else 0
    outer = len(blocks)
    parent = blocks[lines[place].block].parent
    for block in document.around(parent):
        block.first, block.last = min(block.first, place), max(block.last, place + count - 1)
    blocks.append(Block(Tag(draw.choice(("div class=box", "div class=m", "div")), "div"), parent, place, 0))
    blocks[outer].last = place + count - 1
    for number, row in enumerate([draw.choice(HEADINGS), *rows]):
        blocks.append(Block(Tag("p", "p"), outer, place + number, 0))
        blocks[-1].last = place + number
        added = Line(place + number, row, len(blocks) - 1, [row])
        if number:
            added.anchors, added.linked = [(f'a href="/b/{number}.html"', 0, len(row))], len(row)
        lines.insert(place + number, added)
    hints(document)


def _is_gold(text: str, wanted: dict[str, int]) -> bool:
    flat = folded(text)
    pieces = [flat[start : start + 4] for start in range(len(flat) - 3)]
    return len(flat) >= MIN_GOLD_LINE and sum(piece in wanted for piece in pieces) > GOLD_SHARE * len(pieces)


def remove_lines(document: Document, removed: set[int]) -> None:
    """Take lines out of a parsed page."""
    lines, blocks = document.lines, document.blocks
    before = [0]
    for line in lines:
        before.append(before[-1] + (line.index not in removed))
    for block in blocks:
        block.first, block.last = before[block.first], before[block.last + 1] - 1
    lines[:] = [line for line in lines if line.index not in removed]
    for index, line in enumerate(lines):
        line.index = index
    hints(document)
