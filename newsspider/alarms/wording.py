"""Alarms in words, Chinese or English; times are Beijing time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from newsspider.alarms.alarm import ACKNOWLEDGED, HEALED, Alarm, Part
from newsspider.text.zone import BEIJING

LANGUAGES: Final = ("en", "zh")
MAX_PARTS: Final = 4
MAX_LINES: Final = 50

_VERDICTS: Final = {
    "shell": ("shells without their text", "需运行脚本的空壳页"),
    "login": ("login walls", "登录墙"),
    "blocked": ("challenges or refusals", "验证或拒绝页"),
    "refused": ("refused", "被拒绝"),
    "outage": ("notices of an outage", "故障页"),
    "empty": ("blank", "空白页"),
    "unreadable": ("unreadable", "无法读取"),
    "misfit": ("pages that fit neither link nor site", "与链接或站点不符的页面"),
    "error": ("error pages", "错误页"),
    "missing": ("missing (404)", "页面不存在（404）"),
    "unreachable": ("without an answer", "无响应"),
    "dropped": ("without a title or a text", "缺标题或正文"),
}
_FIELDS: Final = {
    "source": "来源",
    "authors": "作者",
    "editor": "编辑",
    "published_at": "发布时间",
    "images": "图片",
    "tags": "标签",
    "section": "栏目",
    "related": "相关阅读",
    "title": "标题",
    "text": "正文",
}
_PARTS: Final = {
    "coverage": (
        "{name} in {present:.0%} of the last {count} articles, usually {usual:.0%}",
        "最近{count}篇中有{name}的占{present:.0%}，平时{usual:.0%}",
    ),
    "confidence": (
        "{name} found with confidence {present:.2f} in the last {count} articles, usually {usual:.2f}",
        "最近{count}篇{name}的置信度为{present:.2f}，平时{usual:.2f}",
    ),
    "length": (
        "texts of {present:.0f} characters in the last {count} articles, usually {usual:.0f}",
        "最近{count}篇正文约{present:.0f}字，平时约{usual:.0f}字",
    ),
    "good": (
        "{present:.0%} of the last {count} fetches gave a page, usually {usual:.0%}",
        "最近{count}次抓取中{present:.0%}得到正常页面，平时{usual:.0%}",
    ),
    "rows": (
        "the listing {name} shows {present:.0f} articles, usually {usual:.0f} or more",
        "列表 {name} 现有{present:.0f}篇文章，平时不少于{usual:.0f}篇",
    ),
    "gap_h": (
        "no new article for {present:.0f} hours, the longest gap so far was {usual:.0f}",
        "已有{present:.0f}小时没有新文章，此前最长间隔{usual:.0f}小时",
    ),
    "day": (
        "{present:.0f} new articles in 24 hours, at most {usual:.0f} before",
        "24小时内新增{present:.0f}篇，此前最多{usual:.0f}篇",
    ),
    "week": (
        "{present:.0f} new articles in seven days, at least {usual:.0f} before",
        "七天内新增{present:.0f}篇，此前最少{usual:.0f}篇",
    ),
}
_SINCE: Final = (", since {at}", "，始于{at}")
_EXAMPLE: Final = (" (for example {url})", "（例如 {url}）")
_NEW: Final = ("newsspider: {count} new alarms: {sites}", "newsspider：{count}条新警报：{sites}")
_ONE_NEW: Final = ("newsspider: alarm: {sites}", "newsspider：警报：{sites}")
_DIGEST: Final = ("newsspider: {count} open alarms", "newsspider：{count}条警报未解除")
_STILL: Final = ("Open:", "未解除：")
_HEALED: Final = ("Healed:", "已恢复：")
_MORE: Final = ("... and {count} more", "……另有{count}条")
_HOW: Final = (
    "Look: scrapy alarms show ID. Done: scrapy alarms ack ID",
    "查看：scrapy alarms show ID；确认：scrapy alarms ack ID",
)
_STATES: Final = {HEALED: ("healed", "已恢复"), ACKNOWLEDGED: ("acknowledged", "已确认")}


class Wording:
    """Says alarms in one of LANGUAGES."""

    def __init__(self, language: str = "en") -> None:
        self._place = LANGUAGES.index(language)

    def line(self, alarm: Alarm) -> str:
        """Return an alarm in one line: id, site, what, since when, an example."""
        state = f" [{_STATES[alarm.state][self._place]}]" if alarm.state in _STATES else ""
        return f"{alarm.id}{state} {alarm.site}: {self.what(alarm)}"

    def what(self, alarm: Alarm) -> str:
        """Return what has changed, since when, with an example."""
        parts = sorted(alarm.parts.items(), key=lambda item: item[0] != alarm.field)
        separator = ("; ", "；")[self._place]
        said = [self._part(name, part) for name, part in parts[:MAX_PARTS]]
        if len(parts) > MAX_PARTS:
            said.append(_MORE[self._place].format(count=len(parts) - MAX_PARTS))
        if alarm.notes:
            said.append(self._causes(alarm))
        since = _SINCE[self._place].format(at=self.time(alarm.since))
        example = alarm.example or alarm.first_bad
        url = _EXAMPLE[self._place].format(url=example.url) if example and alarm.kind != "list" else ""
        return separator.join(said) + since + url

    def news(self, alarms: Sequence[Alarm]) -> tuple[str, str]:
        """Return title and text of a message about alarms that are new."""
        sites = list(dict.fromkeys(alarm.site for alarm in alarms))
        more = f" +{len(sites) - MAX_PARTS}" if len(sites) > MAX_PARTS else ""
        title = (_NEW if len(alarms) > 1 else _ONE_NEW)[self._place]
        return title.format(count=len(alarms), sites=", ".join(sites[:MAX_PARTS]) + more), "\n".join(
            [*self._lines(alarms), _HOW[self._place]]
        )

    def digest(self, still: Sequence[Alarm], healed: Sequence[Alarm]) -> tuple[str, str]:
        """Return title and text of the daily message: alarms still open, and those healed since the last one."""
        lines = []
        for heading, alarms in ((_STILL, still), (_HEALED, healed)):
            if alarms:
                lines += [heading[self._place], *self._lines(alarms)]
        return _DIGEST[self._place].format(count=len(still)), "\n".join([*lines, _HOW[self._place]])

    def time(self, moment: datetime) -> str:
        return f"{moment.astimezone(BEIJING):%Y-%m-%d %H:%M}"

    def _lines(self, alarms: Sequence[Alarm]) -> list[str]:
        lines = [self.line(alarm) for alarm in alarms[:MAX_LINES]]
        more = [_MORE[self._place].format(count=len(alarms) - MAX_LINES)] if len(alarms) > MAX_LINES else []
        return lines + more

    def _part(self, label: str, part: Part) -> str:
        name = label.partition(" ")[0]
        shown = _FIELDS.get(name, name) if self._place else name
        values = {"name": shown, "usual": part.usual, "present": part.present, "count": part.count}
        return _PARTS[part.measure][self._place].format(**values)

    def _causes(self, alarm: Alarm) -> str:
        rows = sorted(alarm.notes.items(), key=lambda item: -item[1])
        words = ((_VERDICTS[cause][self._place] if cause in _VERDICTS else cause, count) for cause, count in rows)
        return (", ", "，")[self._place].join(f"{count} {word}" for word, count in words)
