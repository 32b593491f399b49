"""An invented archive that has something for every page, and the application that shows it."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import uvicorn
from mongo_articles import article, article_store
from pymongo import MongoClient
from scrapy.settings import Settings
from starlette.testclient import TestClient
from story_articles import prose

from newsspider.alarms.alarm import Alarm, Finding, Part
from newsspider.items import Article, Image, RelatedBlock, RelatedLink, Removed
from newsspider.mongo.archive import Archive
from newsspider.mongo.daily.counting import count_marked
from newsspider.mongo.stories.stories import Stories
from newsspider.text import content_hash
from newsspider.web.access import AccessPolicy
from newsspider.web.application import create_app

AT = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
BASE = "http://127.0.0.1:8000"
# the text that three sites have, one of them in the other script
SIMPLIFIED = f"河口镇的轮渡公司昨天发布新的时刻表。\n{prose(7)}\n渡口的广播里说，新船可以载两百人。"
TRADITIONAL = f"河口鎮的輪渡公司昨天發布新的時刻表。\n{prose(7)}\n渡口的廣播裡說，新船可以載兩百人。"
MARKUP = '<script>alert("x")</script><img src=x onerror=alert(1)>'


def _made(key: str, title: str, text: str, **fields: Any) -> Article:
    html = "\n".join(f"<p>{line}</p>" for line in text.split("\n"))
    given: dict[str, Any] = {
        "_id": key,
        "url": f"https://{key}",
        "site": key.partition("/")[0].removeprefix("www."),
        "body_html": html,
        "fetched_at": AT + 30 * HOUR,
        "content_hash": content_hash(title, text),
        "published_precision": "minute",
        "language": "zh-Hans",
        "methods": {"title": "h1", "text": "learned", "source": "line"},
        "confidence": {"title": 0.99, "text": 0.97, "source": 0.9},
    }
    return replace(article(1, text, title), **given | fields)


def shown_articles() -> list[Article]:
    """Return a story of three copies, articles that link to each other, one with pictures, one with foreign markup."""
    first = _made("hekou.example/1", "轮渡有了新的时刻表", SIMPLIFIED, source="河口日报", published_at=AT)
    copies = [
        _made("beian.example/2", "轮渡有了新的时刻表", SIMPLIFIED, source="河口日报", published_at=AT + HOUR),
        _made(
            *("gangwan.example/3", "輪渡有了新的時刻表", TRADITIONAL),
            source="河口日报",
            published_at=AT + 5 * HOUR,
            language="zh-Hant",
        ),
    ]
    link = RelatedLink("相关阅读", 0, first.url, first.title)
    unknown = RelatedLink("相关阅读", 1, "https://elsewhere.example/9", "没有收录的文章")
    linking = _made(
        *("hekou.example/4", "船工老周的一天", prose(11)),
        related=[link, unknown],
        related_blocks=[RelatedBlock("相关阅读", 2), RelatedBlock("推荐阅读", 0)],
        published_at=AT - 24 * HOUR,
        authors=["周一"],
        tags=["轮渡"],
        removed=[Removed("editor", "（责任编辑：周二）")],
    )
    pictured = _made(
        *("hekou.example/5", "河口镇的春天", prose(12)),
        images=[Image("https://img.hekou.example/a.jpg", "江边的柳树"), Image("http://127.0.0.1/private.jpg")],
        published_at=AT - 48 * HOUR,
    )
    pictured.body_html = f'<figure><img src="{pictured.images[0].url}"></figure>{pictured.body_html}'
    pictured.body_html += f'\n<figure><img src="{pictured.images[1].url}"></figure>'
    hostile = _made("hekou.example/6", f"标题{MARKUP}", f"{prose(13)}\n{MARKUP}", source=MARKUP, published_at=AT)
    hostile.body_html = f"<p>{prose(13)}</p><p onclick=alert(1)>{MARKUP}</p><iframe src=https://x.example></iframe>"
    hostile.tags, hostile.section, hostile.authors = [MARKUP], MARKUP, [MARKUP]
    hostile.related = [RelatedLink(MARKUP, 0, "javascript:alert(1)", MARKUP)]
    hostile.related_blocks = [RelatedBlock(MARKUP, 1, "javascript:alert(1)")]
    hostile.removed, hostile.language = [Removed("x", MARKUP)], '"><script>'
    return [first, *copies, linking, pictured, hostile]


async def _store(uri: str, database: str, folder: Path) -> None:
    articles = shown_articles()
    async with article_store(uri, database, folder) as store:
        stories = Stories(store.connection.db)
        for one, found in zip(articles, await stories.assign(articles), strict=True):
            found.mark(one)
        await asyncio.gather(*map(store.save, articles))
        linking = articles[3]
        text = linking.text.replace("春", "秋") + "\n后来又添了一段。"
        await store.save(
            replace(linking, text=text, content_hash=content_hash(linking.title, text), fetched_at=AT + 60 * HOUR)
        )
        await count_marked(store.connection.db)


def _operate(mongo: Any) -> None:
    """Write what crawls leave of their own."""
    finding = Finding("field", AT, {"source": Part("coverage", 0.9, 0.1, 40)})
    mongo["alarms"].insert_one(Alarm.raised("hekou.example", finding, AT).to_document())
    coverage = [{"site": "hekou.example", "fields": {"articles": 3, "source": 1}}]
    for number in range(60):
        run = {
            "_id": f"r{number}",
            "spider": "news",
            "started_at": AT + number * HOUR,
            "coverage": coverage,
            "pages": 3,
        }
        mongo["runs"].insert_one({**run, "articles": {"new": 3}, "arguments": {"url": f"https://x.example/{MARKUP}"}})
    shapes = {"hekou.example/{number}": {"articles": 4, "links": 9}}
    totals = {"articles": 4, "last_new_at": AT, "last_problem": {"at": AT, "line": MARKUP}}
    site = {"_id": "hekou.example", "shapes": shapes, "totals": totals, "notes": MARKUP, "labels": ["local"]}
    mongo["sites"].update_one({"_id": "hekou.example"}, {"$set": site}, upsert=True)
    mongo["site_days"].insert_one(
        {"_id": "hekou.example 2026-03-02", "site": "hekou.example", "day": "2026-03-02", "new": 4}
    )
    mongo["workers"].insert_one(
        {"_id": "w1", "host": "h", "pid": 1, "started_at": AT, "at": AT, "pages": 9, "sites": 2}
    )


def fill(uri: str, database: str, folder: Path) -> None:
    """Store the archive."""
    asyncio.run(_store(uri, database, folder))
    with MongoClient(uri, tz_aware=True) as client:
        _operate(client[database])


def settings_of(uri: str, database: str, folder: Path, **given: Any) -> Settings:
    """Return the project's settings for a database."""
    settings = Settings()
    settings.setmodule("newsspider.settings", priority="project")
    own = {"MONGO_URI": uri, "MONGO_DATABASE": database, "DATA_DIR": str(folder), "SPOOL_DIR": str(folder / "spool")}
    own["SEARCH_DIR"] = str(folder / "search")
    for name, value in {**own, "PAGE_ARCHIVE_DIR": str(folder / "warc"), **given}.items():
        settings.set(name, value, priority="cmdline")
    return settings


@contextmanager
def client_of(settings: Settings, *, listener: Any = None) -> Iterator[TestClient]:
    """Yield a client of the application; an error of the application is raised in the test."""
    listeners = [listener] if listener else []
    with MongoClient(settings["MONGO_URI"], tz_aware=True, event_listeners=listeners) as connection:
        archive = Archive(connection[settings["MONGO_DATABASE"]])
        app = create_app(archive, settings, AccessPolicy.of(settings))
        with TestClient(app, base_url=BASE, follow_redirects=False) as client:
            yield client


@contextmanager
def served(settings: Settings) -> Iterator[str]:
    """Serve the archive by uvicorn in a thread, and yield its address."""
    with MongoClient(settings["MONGO_URI"], tz_aware=True) as connection, socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        archive = Archive(connection[settings["MONGO_DATABASE"]])
        app = create_app(archive, settings, AccessPolicy.of(settings))
        server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        while not server.started and thread.is_alive():
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join()
