"""`scrapy articles reread`: articles derived again, by today's rules, from the pages that they were read from."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from scrapy.settings import Settings

from newsspider import clock
from newsspider.cli.console import complain, printable
from newsspider.cli.database import with_connection
from newsspider.cli.extraction import to_json
from newsspider.cli.goldens import differences
from newsspider.cli.site_pages import site_registry
from newsspider.crawl.traversal.pieces import mark_blocks
from newsspider.items import Article, FetchedPage
from newsspider.messages import N_, _
from newsspider.mongo.archive import ArchiveError
from newsspider.mongo.articles.documents import article_of
from newsspider.mongo.server.connection import Connection
from newsspider.mongo.stories.repair import reassign
from newsspider.mongo.upkeep.rereading import CONTENT, STORY_CONTENT, differing, reread_document, write_reread
from newsspider.pages.article import ArticlePage, ListedTime
from newsspider.pages.article.parts import join_pages
from newsspider.pages.assembly.pieces import Piece, piece_markup, with_piece
from newsspider.pages.document import Document
from newsspider.pipelines.clean import clean_article
from newsspider.pipelines.validate import complaint
from newsspider.recording.archive_settings import archive_options
from newsspider.recording.cases import RecordingError
from newsspider.recording.kept_pages import FEW, KeptPages, Visit
from newsspider.recording.page_records import VisitedArticle
from newsspider.responses import RENDERED_HEADER
from newsspider.rules import rules_version

PageFor = Callable[[Document], ArticlePage]
# what is counted, in the order of the summary
COUNTED: Final = {
    "changed": N_("changed"),
    "unchanged": N_("unchanged"),
    "missing": N_("without a kept page"),
    "refused": N_("that today's rules would not store, left as they are"),
    "left": N_("left: changed by a crawl meanwhile"),
    "damaged": N_("whose page cannot be read"),
}


def page_maker(settings: Settings) -> PageFor:
    """Return what makes the page object of a document: that of its site file if there is one."""
    sites = site_registry(settings)
    return lambda document: sites.of_url(document.url).page_for(document)


def derived(visited: VisitedArticle, page_for: PageFor) -> Article:
    """Return the article as a crawl would give it today, out of the answers that it was read from."""
    parts = [_part(page, page_for) for page in visited.pages]
    article = join_pages(parts) if len(parts) > 1 else parts[0]
    if visited.gap:
        article.methods["pages"] = f"incomplete: {visited.gap}"
    article = clean_article(article)
    article._id = visited.id
    return article


def _part(fetched: FetchedPage, page_for: PageFor) -> Article:
    document = Document.from_bytes(fetched.body, fetched.url, fetched.fetched_at, _content_type(fetched))
    if fetched.pieces:
        text = document.source.text
        for one in fetched.pieces:
            answer = one.page
            place = Piece(answer.url, one.name, one.attributes, one.block)
            markup = piece_markup(answer.body, answer.url, answer.fetched_at, _content_type(answer), fetched.url)
            text = with_piece(text, place, markup) if markup is not None else text
        document = Document.from_text(text, fetched.url, fetched.fetched_at)
    page = page_for(document)
    article = page.to_item(ListedTime.parse(*(fetched.listed or (None, "", ""))))
    mark_blocks(article.related_blocks, fetched.filled, fetched.unread)
    if any(name.lower() == RENDERED_HEADER.lower() for name, _ in fetched.headers):
        article.methods["rendered"] = "chromium"
    article.rules_version = rules_version(type(page))
    return article


def _content_type(fetched: FetchedPage) -> str | None:
    return next((value for name, value in fetched.headers if name.lower() == "content-type"), None)


class Rereading:
    """Reads the articles of a query again, and writes what has changed unless `is_dry`."""

    def __init__(self, connection: Connection, settings: Settings, *, is_dry: bool) -> None:
        self.database = connection.db
        self.pages = KeptPages(archive_options(settings).folder)
        self.page_for = page_maker(settings)
        self.window_days = settings.getint("DEDUPE_WINDOW_DAYS")
        self.is_dry = is_dry
        self.counts: Counter[str] = Counter()

    async def run(self, query: Mapping[str, Any]) -> None:
        async for batch in self._batches(dict(query)):
            times = [at for stored in batch if (at := _kept_at(stored)) is not None]
            visits = self.pages.visits({stored["_id"] for stored in batch}, times)
            regrouped = set()
            for stored in batch:
                outcome, changed = await self._reread(stored, visits.get(stored["_id"], ()))
                self.counts[outcome] += 1
                if outcome == "changed" and STORY_CONTENT.intersection(changed):
                    regrouped.add(stored["_id"])
            if regrouped and not self.is_dry:
                await reassign(self.database, regrouped, self.window_days)

    async def _batches(self, query: dict[str, Any]) -> AsyncIterator[list[dict[str, Any]]]:
        after: dict[str, Any] = {}
        while True:
            found = self.database["articles"].find({"$and": [query, after]}).sort("_id", 1).limit(FEW)
            batch = await found.to_list()
            if batch:
                yield batch
            if len(batch) < FEW:
                return
            after = {"_id": {"$gt": batch[-1]["_id"]}}

    async def _reread(self, stored: dict[str, Any], visits: Sequence[Visit]) -> tuple[str, Sequence[str]]:
        """Return what became of an article, and which fields differ."""
        visit = visit_of(stored, visits)
        if visit is None:
            return "missing", ()
        try:
            article = derived(self.pages.read(stored["_id"], visit), self.page_for)
        except RecordingError as error:
            complain(error)
            return "damaged", ()
        if found := complaint(article):
            print(f"{stored['_id']}: {printable(found[1])}", file=sys.stderr)
            return "refused", ()
        document = await reread_document(self.database, stored, article)
        changed = differing(stored, document)
        for line in shown(stored, document):
            print(f"{stored['_id']}: {printable(line)}")
        if self.is_dry:
            return ("changed" if changed else "unchanged"), changed
        return await write_reread(self.database, stored, document, changed, clock.now()), changed


def visit_of(stored: Mapping[str, Any], visits: Sequence[Visit]) -> Visit | None:
    """Return the visit that the current version was read at; None where its page is not kept (any more).

    An article that came from the spool does not say it: its page is kept under its fetch time all the same.
    """
    at = _kept_at(stored)
    same = [visit for visit in visits if at is not None and visit.at == at.replace(microsecond=0)]
    return same[-1] if same else None


def _kept_at(stored: Mapping[str, Any]) -> datetime | None:
    return stored.get("kept_at") or stored.get("fetched_at")


def shown(stored: Mapping[str, Any], document: Mapping[str, Any]) -> list[str]:
    """Return a line per field that differs, as `scrapy bless` shows it."""
    before, after = (to_json(article_of({**stored, **found})) for found in ({}, document))
    return list(differences({n: before.get(n) for n in CONTENT}, {n: after.get(n) for n in CONTENT}))


def run(settings: Settings, query: Mapping[str, Any], *, is_dry: bool) -> int:
    """Read articles again, print what changes and a summary on stderr; 1 where a kept page cannot be read."""

    async def work(connection: Connection) -> Counter[str]:
        rereading = Rereading(connection, settings, is_dry=is_dry)
        await rereading.run(query)
        return rereading.counts

    counts = with_connection(settings, work, is_prepared=False)
    words = [f"{counts[name]} {_(text)}" for name, text in COUNTED.items() if counts[name] or name == "changed"]
    would = _(" (nothing was written)") if is_dry else ""
    print(
        _("{total} articles read again: {words}{would}").format(
            total=counts.total(), words=", ".join(words), would=would
        ),
        file=sys.stderr,
    )
    return 1 if counts["damaged"] else 0


def kept_page(settings: Settings, stored: Mapping[str, Any], number: int) -> FetchedPage:
    """Return the answer that part `number` (from 1) of an article was read from. Raises ArchiveError."""
    pages = KeptPages(archive_options(settings).folder)
    visit = visit_of(stored, pages.visits({stored["_id"]}).get(stored["_id"], ()))
    if visit is None:
        raise ArchiveError(
            _("no page of {id} is kept (PAGE_ARCHIVE, PAGE_ARCHIVE_DAYS, PAGE_ARCHIVE_MAX_MB)").format(id=stored["_id"])
        )
    try:
        found = pages.read(stored["_id"], visit).pages
    except RecordingError as error:
        raise ArchiveError(str(error)) from None
    if not 1 <= number <= len(found):
        raise ArchiveError(
            _("{id} was read from {count} pages: there is no page {number}").format(
                id=stored["_id"], count=len(found), number=number
            )
        )
    return found[number - 1]
