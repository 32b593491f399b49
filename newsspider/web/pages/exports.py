"""The articles of a search as a file: CSV, JSON lines, and where they are installed Parquet and Excel."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from newsspider.cli.exporting.columnar import write_parquet, write_xlsx
from newsspider.cli.exporting.export import COLUMNS
from newsspider.cli.exporting.lines import write_csv, write_jsonl
from newsspider.mongo.archive import STORE_INTERNAL
from newsspider.mongo.server.limits import time_limit
from newsspider.mongo.server.types import Document
from newsspider.search.query import Query
from newsspider.web.answers import Raw
from newsspider.web.asking import BadQuestionError, Question
from newsspider.web.formats import FORMATS, formats
from newsspider.web.pages.search import asked_query, find

BATCH: Final = 500
# an export asks many times, and may take so many times as long as one question
PATIENCE: Final = 12


def export(question: Question) -> Raw:
    """Return the articles of ?q= in ?format=, newest first, at most SERVE_EXPORT_ARTICLES of them."""
    name = question.one_of("format", tuple(FORMATS), "csv")
    if name not in formats():
        raise BadQuestionError(f"format: {name} needs pip install -r requirements-export.txt on the server")
    articles = _articles(question, asked_query(question))
    with time_limit(float(question.settings["SERVE_QUERY_S"]) * PATIENCE):
        content = _written(articles, name)
    at = question.now.strftime("%Y%m%d-%H%M%S")
    headers = {"Content-Disposition": f'attachment; filename="articles-{at}.{name}"'}
    return Raw(content, FORMATS[name][0], headers)


def _written(articles: Iterator[Document], name: str) -> bytes:
    if name in ("csv", "jsonl"):
        stream = StringIO(newline="")
        if name == "csv":
            write_csv(articles, stream, COLUMNS)
        else:
            write_jsonl(articles, stream)
        return stream.getvalue().encode("utf-8", "replace")
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"articles.{name}"
        write = write_parquet if name == "parquet" else write_xlsx
        write(articles, path, COLUMNS)
        return path.read_bytes()


def _articles(question: Question, query: Query) -> Iterator[Document]:
    """Yield whole articles, as `scrapy articles export` writes them."""
    left = int(question.settings["SERVE_EXPORT_ARTICLES"])
    after: str | None = None
    while left > 0:
        page = find(question, query, limit=min(BATCH, left), after=after)
        ids = [hit.id for hit in page.hits]
        stored = question.archive.database["articles"].find({"_id": {"$in": ids}}, dict.fromkeys(STORE_INTERNAL, False))
        whole = {article["_id"]: article for article in stored}
        yield from (whole[key] for key in ids if key in whole)
        left -= len(page.hits)
        after = page.next_cursor
        if after is None:
            return
