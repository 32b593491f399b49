"""An invented site of a library's news, for tests of whole crawls."""

from __future__ import annotations

import re
from typing import Any

from benchmarks.invented.site import Page, Site, html_page

HOST = "www.hezhou-news.example"
# the server is our own machine: pauses would only make the tests slow
QUICK = (
    *("-s", "DOWNLOAD_DELAY=0", "-s", "AUTOTHROTTLE_ENABLED=0", "-s", "AUTOTHROTTLE_MAX_DELAY=0.01"),
    *("-s", "RETRY_TIMES=1", "-s", "DOWNLOAD_TIMEOUT=8"),
)
BODY = (
    "河州市图书馆四月二十四日起延长开放时间，自习区每晚开到十点，周末增设亲子朗读角，读者凭身份证即可办理借阅。",
    "馆长告诉记者，延时服务试行三个月，期间将按客流增减座位，并在二楼添置三十盏护眼台灯，饮水处也重新做了检修。",
    "家住北门的退休教师每天傍晚都来看报，她说晚间灯光比从前亮堂，孩子们写完作业还能挑两本书带回家慢慢读完。",
)


def article(number: int, related: str = "", time: str = "2024-04-24 09:30:00") -> Page:
    paragraphs = "".join(f"<p>　　第{number}篇：{paragraph}</p>" for paragraph in BODY)
    return html_page(
        f"<html><head><title>河州图书馆延长开放时间第{number}篇_河州新闻网</title></head><body>"
        f"<h1>河州图书馆延长开放时间第{number}篇</h1><div class='info'>来源：河州日报　时间：{time}</div>"
        f"<div class='content'>{paragraphs}</div>{related}</body></html>"
    )


def path(number: int) -> str:
    return f"/news/2024/0424/{10000 + number}.html"


def title(number: int) -> str:
    return f"河州图书馆延长开放时间第{number}篇"


def block(name: str, *numbers: int) -> str:
    rows = "".join(f"<li><a href='{path(n)}'>{title(n)}</a></li>" for n in numbers)
    return f"<div class='rel'><h3>{name}</h3><ul>{rows}</ul></div>"


def listing(numbers: range | list[int], following: str = "", extra: str = "") -> Page:
    rows = "".join(f"<li><a href='{path(n)}'>{title(n)}</a> <span>2024-04-24</span></li>" for n in numbers)
    pager = f"<div class='pages'><a href='{following}'>下一页</a></div>" if following else ""
    return html_page(
        "<html><head><title>新闻列表_河州新闻网</title></head><body>"
        f"<ul class='list'>{rows}</ul>{pager}{extra}</body></html>"
    )


def library(pages: int = 3, a_page: int = 6) -> Site:
    """A channel of `pages` pages; article 1 leads to 101 by a block, that to 102, that to 103."""
    site = Site("hezhou", HOST, [f"http://{HOST}/news/"], scheme="http")
    for page in range(1, pages + 1):
        numbers = list(range((page - 1) * a_page + 1, page * a_page + 1))
        name = "/news/" if page == 1 else f"/news/index_{page}.html"
        site.add(name, listing(numbers, f"/news/index_{page + 1}.html" if page < pages else ""))
        for number in numbers:
            site.add(path(number), article(number, block("相关阅读", 1, 101) if number == 1 else ""))
    for number in (101, 102, 103):
        site.add(path(number), article(number, block("推荐阅读", number, number + 1)))
    site.add("/robots.txt", Page(b"User-agent: *\nDisallow: /secret/\n", headers={"content-type": "text/plain"}))
    return site


def stored(mongo: Any) -> set[int]:
    """Return the numbers of the articles in MongoDB."""
    return {int(match[1]) - 10000 for a in mongo["articles"].find() if (match := re.search(r"/(\d+)\.html", a["url"]))}


def asked(server: Any) -> dict[str, int]:
    return {p: count for p, count in server.requests.items() if re.search(r"/\d+\.html", p)}
