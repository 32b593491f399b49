"""Articles in files: pages in a WARC file, articles in exported JSON lines; where reading can go on is known."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol

from newsspider.cli.extraction import UnreadablePageError, check_is_text, extract
from newsspider.cli.importing.choice import RecordChoice
from newsspider.items import ARTICLE_LIKE_KINDS, Article
from newsspider.mongo.articles.documents import article_of
from newsspider.mongo.imports import FileImport
from newsspider.recording.cases import RecordedResponse
from newsspider.recording.warc import ResponseScan, is_warc
from newsspider.sites.registry import SiteRegistry

logger = logging.getLogger(__name__)

PAGE_TYPES: Final = ("html", "xml")
# a line each, also where tools that write in parallel name the file .json
LINES_SUFFIXES: Final = (".jsonl", ".json")


class Source(Protocol):
    """A file of articles. `end` is the offset after the last record that was yielded or passed over."""

    @property
    def end(self) -> int: ...

    def __iter__(self) -> Iterator[Article | None]:
        """Yield the article of each record, None for a record that holds none."""


def is_importable(path: Path) -> bool:
    """Return True if the name says that the file is one of those that can be imported."""
    return is_warc(path) or path.suffix in LINES_SUFFIXES


def open_source(progress: FileImport, sites: SiteRegistry, choice: RecordChoice) -> Source:
    """Return the records of a file that are not yet imported. Raises RecordingError where it cannot be opened."""
    path = Path(progress.path)
    if is_warc(path):
        return WarcSource(path, progress, sites, choice)
    return LinesSource(path, progress, choice)


def articles_in(path: str | Path, choice: RecordChoice | None = None) -> Iterator[Article]:
    """Yield the articles of a file, read without a database. Raises RecordingError where it cannot be opened."""
    source = open_source(FileImport(str(path)), SiteRegistry(), choice or RecordChoice())
    return (article for article in source if article is not None)


class WarcSource:
    """The articles among the pages of a WARC file."""

    def __init__(self, path: Path, progress: FileImport, sites: SiteRegistry, choice: RecordChoice) -> None:
        self._scan = ResponseScan(path, progress.offset)
        self._progress = progress
        self._sites = sites
        self._choice = choice

    @property
    def end(self) -> int:
        return self._scan.end

    def __iter__(self) -> Iterator[Article | None]:
        for response in self._scan:
            self._progress.count("records")
            yield self._article_in(response)
        for problem in self._scan.problems:
            logger.error("%s", problem)
        self._progress.problems += self._scan.problems
        self._progress.count("skipped_bytes", self._scan.skipped_bytes)
        self._progress.count("unresolved", self._scan.unresolved)

    def _article_in(self, response: RecordedResponse) -> Article | None:
        """Return the article of a page, None for anything else, which is counted (`other`)."""
        if response.status != 200 or not _is_page(response):
            self._progress.count("other")
            return None
        if reason := self._choice.page_refusal(response.url, response.body):
            self._progress.count(f"left_out/{reason}")
            return None
        try:
            check_is_text(response.body, response.url)
        except UnreadablePageError:
            self._progress.count("other")
            return None
        article = extract(response, self._sites).article
        if article.kind not in ARTICLE_LIKE_KINDS:
            self._progress.count("other")
            return None
        return _chosen(article, self._choice, self._progress)


class LinesSource:
    """The articles of an export; a line that holds none is an error and costs that line."""

    def __init__(self, path: Path, progress: FileImport, choice: RecordChoice) -> None:
        self._path = path
        self._progress = progress
        self._choice = choice
        self.end = progress.offset

    def __iter__(self) -> Iterator[Article | None]:
        with self._path.open("rb") as lines:
            lines.seek(self.end)
            for line in lines:
                start, self.end = self.end, self.end + len(line)
                if not line.strip():
                    continue
                self._progress.count("records")
                try:
                    article = article_from_json(line.decode("utf-8", "replace"))
                except (ValueError, TypeError, KeyError, AttributeError) as error:
                    problem = f"{self._path}, byte {start}: not an article: {str(error)[:200]}"
                    logger.error("%s", problem)
                    self._progress.problems.append(problem)
                    yield None
                else:
                    yield _chosen(article, self._choice, self._progress)


def _chosen(article: Article, choice: RecordChoice, progress: FileImport) -> Article | None:
    """Return `article` if it is one of those that are taken, None otherwise, which is counted."""
    if reason := choice.article_refusal(article):
        progress.count(f"left_out/{reason}")
        return None
    return article


def _is_page(response: RecordedResponse) -> bool:
    content_type = next((value.lower() for name, value in response.headers if name.lower() == "content-type"), "html")
    return any(marker in content_type for marker in PAGE_TYPES)


def article_from_json(line: str) -> Article:
    """Return the article of an exported line. Raises ValueError, TypeError or KeyError for anything else."""
    fields = json.loads(line)
    if not isinstance(fields, dict):
        raise ValueError("not an object")
    for holder in (fields, *fields.get("related", ())):
        for name in ("published_at", "fetched_at"):
            if holder.get(name):
                holder[name] = _aware(holder[name], name)
    for name in ("_id", "url", "site", "title", "text", "body_html", "fetched_at"):
        if not fields.get(name) and name not in ("text", "body_html"):
            raise ValueError(f"{name} is missing")
    return article_of({**fields, "fingerprint": None})


def _aware(text: str, name: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{name} has no time zone")
    return moment
