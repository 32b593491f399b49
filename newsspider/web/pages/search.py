"""The search: newest articles, narrowed by words and facets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from newsspider.mongo.server.types import Document
from newsspider.search.archive_search import search
from newsspider.search.parsing import parse
from newsspider.search.query import Query, QueryError
from newsspider.search.results import Hit, SearchPage, Sort
from newsspider.web.answers import Answer
from newsspider.web.asking import BadQuestionError, Question
from newsspider.web.formats import formats
from newsspider.web.presenting import article_path

PAGE: Final = 20
MOST_ON_A_PAGE: Final = 100
SORTS: Final[dict[str, Sort]] = {"newest": "newest", "relevance": "relevance"}
# facets in the order of the page; days only where a month is chosen
SHOWN_FACETS: Final = ("site", "source", "section", "language", "month")
SHOWN_VALUES: Final = 12


def asked_query(question: Question) -> Query:
    """Return what ?q= asks for. Raises BadQuestionError."""
    try:
        return parse(question.text("q") or "", question.now)
    except QueryError as error:
        raise BadQuestionError(str(error)) from None


def find(
    question: Question, query: Query, *, limit: int = PAGE, after: str | None = None, has_facets: bool = False
) -> SearchPage:
    """Return a page of hits, by ?sort=. Raises BadQuestionError."""
    sort = SORTS[question.one_of("sort", tuple(SORTS), "newest")]
    limit_s = float(question.settings["SERVE_QUERY_S"])

    async def ask() -> SearchPage:
        return await search(
            question.connection,
            question.settings,
            query,
            limit=limit,
            cursor=after,
            sort=sort,
            has_facets=has_facets,
            within_s=limit_s,
        )

    try:
        return question.wait(ask)
    except QueryError as error:
        raise BadQuestionError(str(error)) from None


def search_page(question: Question) -> Answer:
    """Return hits of ?q= with facets; ?after= goes on, ?limit= is for programs."""
    query, typed = asked_query(question), question.text("q") or ""
    limit = question.number("limit", PAGE, 1, MOST_ON_A_PAGE)
    after = question.text("after", 40)
    page = find(question, query, limit=limit, after=after, has_facets=True)
    sort = question.one_of("sort", tuple(SORTS), "newest")
    shown = {"q": typed, "sort": None if sort == "newest" else sort}
    shown["limit"] = None if limit == PAGE else str(limit)
    next_link = question.link("/search", **shown, after=page.next_cursor) if page.next_cursor else None
    values = {
        "query": typed,
        "sort": sort,
        "page": page,
        "after": after,
        "facets": [(name, page.facets[name]) for name in SHOWN_FACETS if page.facets.get(name)],
        "shown_values": SHOWN_VALUES,
        "next_link": next_link,
        "narrowed": lambda more: question.link("/search", q=f"{typed} {more}".strip(), sort=shown["sort"]),
        "parts": _parts(question, typed, shown["sort"]),
        "formats": formats(),
    }
    return Answer("search.html", values, _document(question, page, next_link))


def _parts(question: Question, typed: str, sort: str | None) -> list[tuple[str, str]]:
    """Return the conditions field:value of a query, each with the address of the search without it."""
    words = list(_words(typed))
    return [
        (word, question.link("/search", q=" ".join(words[:at] + words[at + 1 :]), sort=sort))
        for at, word in enumerate(words)
        if ":" in word or "：" in word
    ]


def _words(typed: str) -> Iterator[str]:
    """Yield the words of a query; what is in quotes stays together."""
    word, is_quoted = "", False
    for character in typed:
        if character == '"':
            is_quoted = not is_quoted
        if character.isspace() and not is_quoted:
            if word:
                yield word
            word = ""
        else:
            word += character
    if word:
        yield word


def _document(question: Question, page: SearchPage, next_link: str | None) -> dict[str, Any]:
    facets = {
        name: [{"value": one.value, "count": one.articles, "query": one.query} for one in found]
        for name, found in page.facets.items()
    }
    return {
        "total": page.total,
        "engine": page.engine,
        "indexed_at": page.indexed_at,
        "items": [hit_document(question, hit) for hit in page.hits],
        "facets": facets,
        "next": next_link.replace("/search", "/search.json", 1) if next_link else None,
    }


def hit_document(question: Question, hit: Hit) -> Document:
    """Return a hit for programs; pieces of title and snippet that were searched for are in `marked`."""
    path = article_path(hit.article)
    return {
        "id": hit.id,
        "page": f"{question.base_url}{path}",
        **{name: value for name, value in hit.article.items() if name not in ("_id", "short_id")},
        "copies": hit.copies,
        "snippet": "".join(segment.text for segment in hit.snippet),
        "marked": sorted({segment.text for segment in (*hit.title, *hit.snippet) if segment.is_hit}),
    }
