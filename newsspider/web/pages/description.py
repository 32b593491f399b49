"""The OpenAPI document: what can be asked, and what comes back."""

from __future__ import annotations

from typing import Any, Final

from newsspider import __version__

VERSION: Final = "3.1.0"
TEXT: Final = {"type": "string"}
DAY: Final = {"type": "string", "format": "date"}
WHOLE: Final = {"type": "integer"}
LINK: Final = {"type": ["string", "null"], "description": "the address of what follows, null at the end"}
# name -> (schema, meaning)
PARAMETERS: Final[dict[str, tuple[dict[str, Any], str]]] = {
    "q": (TEXT, 'the search, in the query language: words, "phrase", -not, OR, title:, source:, site:, since:, until:'),
    "sort": ({"type": "string", "enum": ["newest", "relevance"]}, "the order"),
    "limit": ({"type": "integer", "minimum": 1, "maximum": 100}, "how many"),
    "after": (TEXT, "where to go on: from `next` of the answer before"),
    "before": ({"type": "string", "format": "date-time"}, "where to go on: from `next` of the answer before"),
    "since": (DAY, "first day, of Beijing time"),
    "until": (DAY, "last day, of Beijing time"),
    "site": (TEXT, "a registered domain, or a host or URL of it"),
    "state": ({"type": "string", "enum": ["active", "paused", "retired", "removed", "all"]}, "state of a site"),
    "all": ({"type": "string", "enum": ["0", "1"]}, "alarms that are not open as well"),
    "old": (WHOLE, "number of the older version"),
    "new": (WHOLE, "number of the newer version"),
    "part": (WHOLE, "number of a part of the article"),
    "format": ({"type": "string", "enum": ["csv", "jsonl", "parquet", "xlsx"]}, "form of the file"),
    "id": (TEXT, "an id, a short id or a URL"),
}
LIST: Final = {"type": "object", "properties": {"items": {"type": "array", "items": {"type": "object"}}, "next": LINK}}
OBJECT: Final = {"type": "object"}
# path -> (summary, names of its parameters, schema of the answer or its media type)
PATHS: Final[dict[str, tuple[str, tuple[str, ...], dict[str, Any] | str]]] = {
    "/search.json": ("Articles of a search, with facets", ("q", "sort", "limit", "after"), LIST),
    "/articles": ("Lead to an article by its id or URL", ("id",), "text/html"),
    "/articles/{name}.json": ("An article with all of its fields", (), OBJECT),
    "/articles/{name}/versions.json": ("All versions of an article", ("old", "new"), LIST),
    "/articles/{name}/kept": ("The page that was kept, as it came", ("part",), "text/plain"),
    "/articles/{name}/graph.json": ("Articles around an article, to two steps", (), OBJECT),
    "/stories/{name}.json": ("The copies of an article, first published first", (), LIST),
    "/sources.json": ("How many articles of a site name a source", ("since", "until", "site"), LIST),
    "/coverage.json": ("Articles per day and site, delays, fields by week", ("since", "until", "site"), OBJECT),
    "/sites.json": ("All sites", ("state", "sort", "after"), LIST),
    "/sites/{name}.json": ("A site", (), OBJECT),
    "/runs.json": ("The last crawls", ("site", "before"), LIST),
    "/runs/{name}.json": ("A crawl", (), OBJECT),
    "/alarms.json": ("Alarms", ("all", "site", "before"), LIST),
    "/workers.json": ("The processes that crawl", (), LIST),
    "/export": ("The articles of a search as a file", ("q", "format"), "application/octet-stream"),
    "/feed.rss": ("The newest articles of a search as RSS 2.0", ("q",), "application/rss+xml"),
    "/feed.atom": ("The newest articles of a search as Atom 1.0", ("q",), "application/atom+xml"),
    "/feed.json": ("The newest articles of a search as JSON Feed 1.1", ("q",), "application/feed+json"),
    "/metrics": ("Figures for Prometheus", (), "text/plain"),
    "/healthz": ("ok, where MongoDB answers", (), "text/plain"),
}


def description(base_url: str) -> dict[str, Any]:
    """Return the document."""
    return {
        "openapi": VERSION,
        "info": {
            "title": "newsspider archive",
            "version": __version__,
            "description": "Read-only. Times are ISO 8601 in UTC, days are of Beijing time. Every page is JSON "
            "under its address with .json, or with Accept: application/json.",
        },
        "servers": [{"url": base_url or "/"}],
        "paths": {path: {"get": _operation(path, *what)} for path, what in PATHS.items()},
        "components": {
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "basic": {"type": "http", "scheme": "basic"},
            }
        },
        "security": [{}, {"bearer": []}, {"basic": []}],
    }


def _operation(path: str, summary: str, names: tuple[str, ...], answer: dict[str, Any] | str) -> dict[str, Any]:
    parameters: list[dict[str, Any]] = [
        {"name": name, "in": "query", "description": PARAMETERS[name][1], "schema": PARAMETERS[name][0]}
        for name in names
    ]
    if "{name}" in path:
        said = "an id" if "articles" not in path and "stories" not in path else "a short id, as articles have it"
        parameters.insert(0, {"name": "name", "in": "path", "required": True, "description": said, "schema": TEXT})
    content = {answer: {"schema": TEXT}} if isinstance(answer, str) else {"application/json": {"schema": answer}}
    failed = {"description": "in words", "content": {"application/json": {"schema": OBJECT}}}
    return {
        "summary": summary,
        "operationId": path.strip("/").replace("/", "_").replace("{name}", "one").replace(".", "_"),
        "parameters": parameters,
        "responses": {
            "200": {"description": "found", "content": content},
            "400": failed,
            "404": failed,
            "503": failed,
        },
    }
