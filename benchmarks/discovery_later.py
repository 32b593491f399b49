"""Second crawls: requests of a repeated crawl, and what it records of a changed site."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pymongo import MongoClient

from benchmarks.invented_sites import LATER, SITES, Site
from benchmarks.public_sites import public_name, public_site
from newsspider.urls import article_key

if TYPE_CHECKING:
    from site_server import SiteServer

ROOT = Path(__file__).resolve().parent.parent
LIMIT_S = 120
ALL_DUE = {"REVISIT_ARTICLE_S": "0", "REVISIT_LISTING_S": "0"}
LATER_COLUMNS = (
    "| site | 2nd run: requests | articles asked for | revisions | later: edited | withdrawn | new"
    " | requests | least possible | ratio |",
    "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
)

Documents = Mapping[str, Mapping[str, Any]]


def run_command(command: Sequence[str], environment: Mapping[str, str]) -> str:
    """Return what a command prints; RuntimeError with its last line where it fails."""
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=LIMIT_S)
    if done.returncode != 0:
        lines = [line for line in (done.stderr or done.stdout).strip().splitlines() if line.strip()]
        raise RuntimeError(lines[-1] if lines else f"exit code {done.returncode}")
    return done.stdout


def crawl(
    url: str, folder: Path, port: int, mongo_uri: str, database: str, more: Mapping[str, str] | None = None
) -> None:
    """Crawl with the project as a user would, without politeness delays; the server is its proxy."""
    settings = {
        "MONGO_DATABASE": database,
        "DOWNLOAD_DELAY": "0",
        "AUTOTHROTTLE_ENABLED": "False",
        "LOG_LEVEL": "WARNING",
        "SPOOL_DIR": str(folder / "spool"),
        **(more or {}),
    }
    options = [part for name, value in settings.items() for part in ("-s", f"{name}={value}")]
    environment = {**os.environ, "http_proxy": f"http://127.0.0.1:{port}", "MONGO_URI": mongo_uri}
    run_command([sys.executable, "-m", "scrapy", "crawl", "news", "-a", f"url={url}", *options], environment)


@dataclass(slots=True)
class Changes:
    """Keys of articles by what became of them between two states of a site."""

    edited: set[str]
    withdrawn: set[str]
    new: set[str]


def wanted(before: Documents, site: Site) -> Changes:
    """Return what is right: `before` are the documents of the earlier state, `site` is the later one."""
    texts = {article_key(public_name(truth.url)): truth.text for truth in site.articles}
    edited = {key for key, document in before.items() if key in texts and document["text"] != texts[key]}
    return Changes(edited, before.keys() - texts.keys(), texts.keys() - before.keys())


def recorded(before: Documents, after: Documents) -> Changes:
    revised = {key for key, document in after.items() if document["revision"] > 1}
    withdrawn = {key for key, document in after.items() if document.get("withdrawn_at")}
    return Changes(revised, withdrawn, after.keys() - before.keys())


def least_requests(first: int, articles: int, new: int) -> int:
    """Return the least that a later run can ask for: what the first run did, every article once more, the new ones.

    An edit shows on the article alone, so every article must be asked for; `first` are the listings of the first run.
    """
    return first + articles + new


def later_rows(name: str, server: SiteServer, mongo_uri: str) -> list[str]:
    """Return the table row of a site: crawled, crawled again, and crawled after it has changed."""
    site, later = public_site(SITES[name]()), LATER[name]()
    addresses = {
        article_key(public_name(url)) for truth in later.articles + SITES[name]().articles for url in truth.addresses
    }
    database = f"discovery_later_{time.time_ns()}"
    with tempfile.TemporaryDirectory() as folder, MongoClient[dict[str, Any]](mongo_uri, tz_aware=True) as client:
        runs = []
        for state, settings in ((site, None), (None, None), (public_site(later), ALL_DUE)):
            if state is not None:
                server.replace(state)
            server.forget_requests()
            crawl(site.seeds[0], Path(folder), server.port, mongo_uri, database, settings)
            documents = {document["_id"]: document for document in client[database]["articles"].find()}
            runs.append(
                (documents, _counted(server, site.host, addresses), client[database]["revisions"].count_documents({}))
            )
        client.drop_database(database)
    (before, first, _), (_, second, revisions), (after, last, _) = runs
    right, found = wanted(before, later), recorded(before, after)
    least = least_requests(first[0] - first[1], len(before), len(right.new))
    shares = " | ".join(
        f"{len(getattr(found, what) & getattr(right, what))} of {len(getattr(right, what))}"
        + (f" and {extra} more" if (extra := len(getattr(found, what) - getattr(right, what))) else "")
        for what in ("edited", "withdrawn", "new")
    )
    return [
        f"| {name} | {second[0]} | {second[1]} | {revisions} | {shares} | {last[0]} | {least} | {last[0] / least:.2f} |"
    ]


def _counted(server: SiteServer, host: str, addresses: set[str]) -> tuple[int, int]:
    """Return (requests, those for an article), robots.txt left out."""
    paths = [path for path in server.requests.elements() if path != "/robots.txt"]
    return len(paths), sum(article_key(f"http://{host}{path}") in addresses for path in paths)
