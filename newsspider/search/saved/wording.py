"""What a saved search has found, in words, Chinese or English; times are Beijing time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from newsspider.alarms.wording import LANGUAGES
from newsspider.search.matching import moment_of
from newsspider.text.zone import BEIJING

MAX_STORIES: Final = 40
_SHOWN_SITES: Final = 4
_TITLE: Final = (
    "newsspider: {name}: new articles: {articles}, stories: {stories}",
    "newsspider：{name}：{stories}个事件，{articles}篇新文章",
)
_ONE: Final = ("newsspider: {name}: {title}", "newsspider：{name}：{title}")
_COPIES: Final = ("{new} new of {size} articles of this story: {sites}", "同一稿件共{size}篇，其中新增{new}篇：{sites}")
_AGAIN: Final = ("reported before; ", "已通知过；")
_MORE: Final = ("... and {count} more stories", "……另有{count}个事件")
_HOW: Final = (
    "Query: {query}. Look: scrapy searches show {name}",
    "检索式：{query}。查看：scrapy searches show {name}",
)


@dataclass(frozen=True, slots=True)
class NewStory:
    """The new articles of a story, first published first; `size`: articles it has; `is_known`: sent of before."""

    articles: Sequence[Mapping[str, Any]]
    size: int
    is_known: bool = False


def message(name: str, query: str, stories: Sequence[NewStory], language: str) -> tuple[str, str]:
    """Return title and text of the message about what the search `name` has found."""
    place = LANGUAGES.index(language)
    count = sum(len(story.articles) for story in stories)
    form = _ONE if count == 1 else _TITLE
    title = form[place].format(name=name, articles=count, stories=len(stories), title=stories[0].articles[0]["title"])
    lines = [line for story in stories[:MAX_STORIES] for line in _lines(story, place)]
    if len(stories) > MAX_STORIES:
        lines.append(_MORE[place].format(count=len(stories) - MAX_STORIES))
    return title, "\n".join([*lines, _HOW[place].format(query=query, name=name)])


def _lines(story: NewStory, place: int) -> list[str]:
    first = story.articles[0]
    facts = (first.get("source") or first["site"], f"{moment_of(first).astimezone(BEIJING):%Y-%m-%d %H:%M}")
    lines = [first["title"], f"  {'  '.join(facts)}  {first['url']}"]
    if story.size > 1:
        sites = list(dict.fromkeys(article["site"] for article in story.articles))
        more = f" +{len(sites) - _SHOWN_SITES}" if len(sites) > _SHOWN_SITES else ""
        known = _AGAIN[place] if story.is_known else ""
        said = _COPIES[place].format(
            new=len(story.articles), size=story.size, sites=", ".join(sites[:_SHOWN_SITES]) + more
        )
        lines.append(f"  {known}{said}")
    return lines
