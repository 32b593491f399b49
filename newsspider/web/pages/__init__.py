"""The pages: a module per group, a function per page, which takes a Question and returns an Answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from newsspider.web.answers import Answer, Moved, Raw
from newsspider.web.asking import Question
from newsspider.web.pages import article, coverage, exports, feeds, graph, machine, operation, search, story

View = Callable[[Question], Answer | Moved | Raw]
ROUTES: Final[dict[str, View]] = {
    "/": search.search_page,
    "/search": search.search_page,
    "/articles": article.look_up,
    "/articles/{name}": article.article_page,
    "/articles/{name}/versions": article.versions_page,
    "/articles/{name}/kept": article.kept_page,
    "/articles/{name}/story": story.story_page,
    "/articles/{name}/graph": graph.graph_page,
    "/stories/{name}": story.story_page,
    "/sources": graph.sources_page,
    "/coverage": coverage.coverage_page,
    "/sites": operation.sites_page,
    "/sites/{name}": operation.site_page,
    "/runs": operation.runs_page,
    "/runs/{name}": operation.run_page,
    "/alarms": operation.alarms_page,
    "/workers": operation.workers_page,
    "/export": exports.export,
    "/feed.rss": feeds.rss,
    "/feed.atom": feeds.atom,
    "/feed.json": feeds.json_feed,
    "/help": machine.help_page,
    "/openapi.json": machine.openapi,
    "/metrics": machine.metrics,
    "/healthz": machine.healthz,
    "/robots.txt": machine.robots,
    "/static/{name}": machine.static,
}


def routes() -> dict[str, View]:
    """Return path -> page."""
    return ROUTES
