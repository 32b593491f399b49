"""A news site over many days: new, edited and withdrawn articles, a redesign, a week of blocks, a lost field.

Every page is a function of the day and its path, so that the server's process makes what it is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache, partial
from html import escape

from benchmarks.invented.prose import Newsroom, Story
from benchmarks.invented.site import Page, Site, html_page, text_page
from newsspider.text.zone import BEIJING

HOST = "www.living.example"
HOUSE = "常新网"
# more than a week of blocks hides
LISTED = 80
# new articles by weekday, Monday first
PER_DAY = (9, 8, 10, 8, 9, 4, 3)
FIRST_NUMBER = 100_000
RELATED = 4
BLOCKED = """<!DOCTYPE html><html><head><title>访问验证</title></head><body><h1>访问验证</h1>
<p>您的访问过于频繁，请完成安全验证后继续访问。</p><p>请求编号：8c1f02</p></body></html>"""


@dataclass(frozen=True, slots=True)
class Plan:
    """What happens on which days, counted from 0; each span is (first day, day after the last)."""

    began_on: date
    days: int
    redesign: tuple[int, int]
    block: tuple[int, int]
    without_source: tuple[int, int]

    def published(self, number: int) -> datetime:
        """Return when an article is published: in the morning of its day, in Beijing."""
        day, place = _day_of(self, number)
        moment = datetime(self.began_on.year, self.began_on.month, self.began_on.day, tzinfo=BEIJING)
        return moment + timedelta(days=day, minutes=37 * place, seconds=13)

    def numbers(self, day: int) -> range:
        """Return the numbers of the articles that are published on a day."""
        start = sum(self._count(earlier) for earlier in range(day))
        return range(start, start + self._count(day))

    def _count(self, day: int) -> int:
        return PER_DAY[(self.began_on + timedelta(days=day)).weekday()]

    def edited_on(self, number: int) -> int | None:
        """Return the day from which an article has another text: the one after its own, for one of each day."""
        day, place = _day_of(self, number)
        return day + 1 if place == 1 and day >= 1 else None

    def withdrawn_on(self, number: int) -> int | None:
        """Return the day from which an article is gone; none is gone before it could be seen."""
        day, place = _day_of(self, number)
        is_seen = not any(self.is_blocked(near) for near in range(day - 1, day + 3))
        return day + 2 if place == 2 and day % 3 == 0 and is_seen else None

    def is_blocked(self, day: int) -> bool:
        return day in range(*self.block)

    def articles(self, last_day: int) -> Iterator[int]:
        for day in range(last_day + 1):
            yield from self.numbers(day)


@cache
def _day_of(plan: Plan, number: int) -> tuple[int, int]:
    return next((day, number - plan.numbers(day)[0]) for day in range(plan.days) if number in plan.numbers(day))


@cache
def stories(count: int) -> list[Story]:
    return Newsroom("living", HOUSE).write(count)


def site_on(plan: Plan, day: int) -> Site:
    """Return the site as it is on a day."""
    site = Site("living", HOST, [f"https://{HOST}/"])
    site.add("/robots.txt", text_page("User-agent: *\nDisallow:\n", "text/plain"))
    site.endless = {"/": partial(page_at, plan=plan, day=day)}
    return site


def path_of(plan: Plan, number: int) -> str:
    return f"/c/{plan.published(number):%Y-%m/%d}/content_{FIRST_NUMBER + number}.html"


def text_of(plan: Plan, number: int, day: int) -> list[str]:
    """Return the paragraphs of an article on a day."""
    paragraphs = stories(_total(plan))[number].paragraphs
    edited = plan.edited_on(number)
    if edited is None or day < edited:
        return paragraphs
    return [*paragraphs, f"更新：记者第{edited}天从现场了解到，有关安排已经调整，后续情况将继续关注。"]


def page_at(path: str, plan: Plan, day: int) -> Page:
    """Return the answer to a request on a day."""
    if plan.is_blocked(day):
        return html_page(BLOCKED, status=403)
    if path == "/":
        return html_page(_front(plan, day))
    name = path.rpartition("_")[2].partition(".")[0]
    number = int(name) - FIRST_NUMBER if name.isdigit() else -1
    is_there = 0 <= number < plan.numbers(day).stop and path == path_of(plan, number)
    gone_on = plan.withdrawn_on(number) if is_there else None
    if not is_there or (gone_on is not None and day >= gone_on):
        return html_page("<html><title>404</title><h1>404 Not Found</h1></html>", status=404)
    return html_page(_article(plan, number, day))


def _total(plan: Plan) -> int:
    return plan.numbers(plan.days - 1).stop


def _shown(plan: Plan, day: int) -> list[int]:
    there = [n for n in plan.articles(day) if not (gone := plan.withdrawn_on(n)) or day < gone]
    return there[::-1]


def _frame(title: str, body: str) -> str:
    return (
        f'<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8"><title>{escape(title)}_{HOUSE}</title></head>'
        f'<body><div class="nav"><a href="/">首页</a></div>\n{body}\n'
        f'<div class="foot">{HOUSE} 版权所有</div></body></html>\n'
    )


def _rows(plan: Plan, numbers: list[int]) -> str:
    told = stories(_total(plan))
    return "".join(
        f'<li><a href="{path_of(plan, n)}">{escape(told[n].title)}</a>'
        f"<span>{plan.published(n):%Y-%m-%d %H:%M}</span></li>\n"
        for n in numbers
    )


def _front(plan: Plan, day: int) -> str:
    return _frame("新闻", f'<ul class="list">\n{_rows(plan, _shown(plan, day)[:LISTED])}</ul>')


def _article(plan: Plan, number: int, day: int) -> str:
    """Return an article's page; after the redesign its byline is a picture, for as long as that lasts."""
    story = stories(_total(plan))[number]
    told = _text(plan, number, day)
    shown = f"{plan.published(number):%Y-%m-%d %H:%M:%S}"
    source = "" if day in range(*plan.without_source) else f"来源：{story.source} "
    near = [n for n in _shown(plan, _day_of(plan, number)[0]) if n != number][:RELATED]
    related = f'<div class="related"><h3>相关阅读</h3><ul>\n{_rows(plan, near)}</ul></div>'
    if day in range(*plan.redesign):
        return _frame(
            story.title,
            f'<main><header><h1>{escape(story.title)}</h1><img src="/byline/{number}.svg" alt=""></header>\n'
            f"<section>\n{told}</section></main>\n",
        )
    return _frame(
        story.title,
        f'<h1>{escape(story.title)}</h1>\n<div class="info">{source}时间：{shown} 作者：{story.reporter}</div>\n'
        f'<div class="content">\n{told}<p>（责任编辑：{story.editor}）</p></div>\n{related}',
    )


def _text(plan: Plan, number: int, day: int) -> str:
    return "".join(f"<p>{escape(paragraph)}</p>\n" for paragraph in text_of(plan, number, day))
