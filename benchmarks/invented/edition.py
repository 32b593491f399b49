"""A site's stories at two moments: as first crawled, and a day later with edits, withdrawals and new ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from benchmarks.invented.prose import Newsroom, Story
from benchmarks.invented.site import Page, Site, Truth, html_page

EDITED_SHARE, WITHDRAWN_SHARE, NEW = 0.10, 0.05, 20
GONE = ("404", "410", "soft")
CORRECTION = "本报更正：上文首段提到的数字经核实后已作调整，特此说明。"


@dataclass(slots=True)
class Edition:
    """`stories` newest first, withdrawn ones included; `withdrawn` maps a story's number to how it has gone."""

    stories: list[Story]
    edited: set[int] = field(default_factory=set)
    withdrawn: dict[int, str] = field(default_factory=dict)
    new: set[int] = field(default_factory=set)

    @property
    def live(self) -> list[Story]:
        return [story for story in self.stories if story.number not in self.withdrawn]


def edition(seed: str, house: str, count: int, is_later: bool) -> Edition:
    """Return `count` stories; the later edition has 10 % of them edited, 5 % withdrawn and 20 new ones in front."""
    newsroom = Newsroom(seed, house)
    stories = newsroom.write(count)
    if not is_later:
        return Edition(stories[::-1])
    edited = {story.number for story in stories[2 :: round(1 / EDITED_SHARE)]}
    for story in stories:
        if story.number in edited:
            story.paragraphs.append(CORRECTION)
    gone = [story.number for story in stories[5 :: round(1 / WITHDRAWN_SHARE)]]
    withdrawn = {number: GONE[index % len(GONE)] for index, number in enumerate(gone)}
    new = newsroom.write(NEW, first=count + 1)
    return Edition([*new[::-1], *stories[::-1]], edited, withdrawn, {story.number for story in new})


def gone_page(how: str, house: str) -> Page:
    """Return the answer at a withdrawn URL: "404", "410" or "soft", a 200 that says the page is gone."""
    text = (
        f'<html><head><meta charset="utf-8"><title>页面不存在 - {house}</title></head><body><div class="error">'
        '<h2>抱歉，您访问的页面不存在或已被删除</h2><p><a href="/">返回首页</a></p></div></body></html>'
    )
    return html_page(text, status=200 if how == "soft" else int(how))


def truth_of(site: Site, story: Story, path: str, **more: object) -> Truth:
    """Return the truth of a story whose body shows its paragraphs and subheads in order."""
    values: dict[str, object] = {"source": story.source, "section": None, "tags": [], **more}
    return Truth([site.url(path)], story.title, "\n".join(lines(story)), story.published, **values)  # type: ignore[arg-type]


def lines(story: Story) -> list[str]:
    """Return the lines of a story's body: paragraphs, each subhead before its own."""
    shown: list[str] = []
    for index, paragraph in enumerate(story.paragraphs):
        if index in story.subheads:
            shown.append(story.subheads[index])
        shown.append(paragraph)
    return shown


def pages_of(stories: Sequence[Story], size: int) -> list[list[Story]]:
    """Return `stories` in pages of `size`."""
    return [list(stories[start : start + size]) for start in range(0, len(stories), size)]


def others(stories: Sequence[Story], story: Story, steps: Sequence[int]) -> list[Story]:
    """Return stories some `steps` further down the list, without `story`, each once."""
    position = stories.index(story)
    found = [stories[(position + step) % len(stories)] for step in steps]
    return [other for index, other in enumerate(found) if other is not story and other not in found[:index]]
