"""Crawls of many sites by several processes, and what the server and MongoDB say of them."""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from pymongo import MongoClient

from benchmarks.many.sites import Asked

ROOT = Path(__file__).resolve().parent.parent.parent
ARTICLE = re.compile(r"/\d+/\d+/\d+\.html")
FAST = ("-s", "AUTOTHROTTLE_ENABLED=0", "-s", "RETRY_TIMES=1", "-s", "CONCURRENT_REQUESTS=64")


@dataclass(slots=True, frozen=True)
class Place:
    """The database of a run, and the folder for what is not in it."""

    uri: str
    database: str
    folder: Path

    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
        return kept | {
            "MONGO_URI": self.uri,
            "MONGO_DATABASE": self.database,
            "NEWSSPIDER_DATA_DIR": str(self.folder),
            "PYTHONPATH": str(ROOT),
        }


def worker(place: Place, name: str, arguments: Sequence[str], settings: Mapping[str, Any]) -> subprocess.Popen[bytes]:
    """Start a process that crawls; its User-Agent is `name`, its log in the folder."""
    options = [part for key, value in settings.items() for part in ("-s", f"{key}={value}")]
    given = [part for argument in arguments for part in ("-a", argument)]
    command = [sys.executable, "-m", "scrapy", "crawl", "news", *given, *FAST, *options, "-s", f"USER_AGENT={name}"]
    place.folder.mkdir(parents=True, exist_ok=True)
    with (place.folder / f"{name}.log").open("wb") as log:
        return subprocess.Popen(command, cwd=ROOT, env=place.environment(), stdout=log, stderr=log)


@dataclass(slots=True, frozen=True)
class Stored:
    """The content of a database: articles, which of them are one story, revisions, and pages that still wait."""

    articles: frozenset[str]
    stories: frozenset[frozenset[str]]
    revisions: int
    queued: int


def stored(place: Place) -> Stored:
    with MongoClient[dict[str, Any]](place.uri) as client:
        database = client[place.database]
        stories: defaultdict[str, set[str]] = defaultdict(set)
        for article in database["articles"].find({}, {"story_id": True}):
            stories[article.get("story_id") or article["_id"]].add(article["_id"])
        return Stored(
            frozenset(key for keys in stories.values() for key in keys),
            frozenset(map(frozenset, stories.values())),
            database["revisions"].count_documents({}),
            database["pages"].count_documents({"state": "queued"}),
        )


def twice(log: Sequence[Asked]) -> int:
    """Return how many requests for articles were not the first for theirs."""
    asked = [(entry.host, entry.path) for entry in log if ARTICLE.fullmatch(entry.path)]
    return len(asked) - len(set(asked))


def articles(log: Sequence[Asked]) -> int:
    return sum(ARTICLE.fullmatch(entry.path) is not None for entry in log)


def gaps(log: Sequence[Asked]) -> tuple[float, float]:
    """Return the 5th percentile and the median of the seconds between two requests to a host."""
    times: defaultdict[str, list[float]] = defaultdict(list)
    for entry in log:
        times[entry.host].append(entry.at)
    found = sorted(after - before for moments in times.values() for before, after in pairwise(sorted(moments)))
    return found[len(found) // 20], statistics.median(found)


def most_at_once(log: Sequence[Asked]) -> int:
    """Return the highest number of requests under way at one host at a time."""
    most = 0
    by_host: defaultdict[str, list[tuple[float, int]]] = defaultdict(list)
    for entry in log:
        by_host[entry.host] += [(entry.at, 1), (entry.done or entry.at, -1)]
    for events in by_host.values():
        count = 0
        for _, step in sorted(events):
            count += step
            most = max(most, count)
    return most


def shares(log: Sequence[Asked]) -> Counter[str]:
    """Return how many requests each worker sent."""
    return Counter(entry.worker for entry in log)
