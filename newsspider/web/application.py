"""The application: its routes, how a question is put together, and what becomes of errors."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from anyio import CapacityLimiter, to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from newsspider import clock
from newsspider.mongo.archive import Archive, ArchiveError
from newsspider.mongo.search.reads import SearchTimeoutError
from newsspider.mongo.server.connection import Connection, MongoSettings
from newsspider.mongo.server.errors import DatabaseError, is_timeout, one_line
from newsspider.mongo.server.limits import time_limit
from newsspider.search.index.following import index_followed
from newsspider.web.access import AccessPolicy, Gate
from newsspider.web.answers import JSON_SUFFIX, Answer, Moved, Raw, failure, respond, wants_json
from newsspider.web.asking import BadQuestionError, NotThereError, Question, language_of
from newsspider.web.pages import routes
from newsspider.web.presenting import Presenter
from newsspider.web.remembering import Remembered

logger = logging.getLogger(__name__)

View = Callable[[Question], Answer | Moved | Raw]
# questions to MongoDB at a time: one connection each
MOST_AT_ONCE: Final = 16
# what ends in .json and is not a page as JSON
OWN_JSON: Final = frozenset({"/openapi.json", "/feed.json"})
OVERDUE: Final = "the search took longer than {limit:g} s: narrow it, by a site or by days"


@dataclass(slots=True)
class Served:
    """What the pages are made of."""

    archive: Archive
    settings: Any
    mongo: MongoSettings
    presenter: Presenter
    connection: Connection = field(init=False)
    limiter: CapacityLimiter | None = None
    remembered: Remembered = field(default_factory=Remembered)


class JsonSuffix:
    """ASGI middleware: a path that ends in .json is the page without it, as JSON."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if scope["type"] == "http" and path.endswith(JSON_SUFFIX) and path not in OWN_JSON:
            scope = {**scope, "path": path.removesuffix(JSON_SUFFIX), "newsspider.json": True}
            scope["raw_path"] = scope["path"].encode("utf-8", "replace")
        await self.app(scope, receive, send)


def create_app(archive: Archive, settings: Any, policy: AccessPolicy) -> ASGIApp:
    """Return the ASGI application for an archive. It opens its own connection for searches where it starts."""
    served = Served(archive, settings, MongoSettings.of(settings), Presenter())

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        served.limiter = CapacityLimiter(MOST_AT_ONCE)
        served.connection = await Connection.open(*served.mongo)
        try:
            async with index_followed(served.connection, settings):
                yield
        finally:
            await served.connection.close()

    async def show_error(request: Request, error: Exception) -> Response:
        return _error(served, request, error)

    app = Starlette(
        routes=[Route(path, _endpoint(served, view)) for path, view in routes().items()],
        middleware=[Middleware(GZipMiddleware)],
        exception_handlers={HTTPException: show_error, 500: show_error},
        lifespan=lifespan,
    )
    return Gate(JsonSuffix(app), policy)


def _endpoint(served: Served, view: View) -> Callable[[Request], Any]:
    async def endpoint(request: Request) -> Response:
        return await to_thread.run_sync(_answer, served, view, request, limiter=served.limiter)

    return endpoint


def _answer(served: Served, view: View, request: Request) -> Response:
    """Return the response to a request; every error that a reader can cause is a page."""
    question = _question(served, request)
    limit_s = float(served.settings["SERVE_QUERY_S"])
    answer: Answer | Moved | Raw
    try:
        with time_limit(limit_s):
            answer = view(question)
    except BadQuestionError as error:
        answer = failure(400, str(error))
    except (NotThereError, ArchiveError) as error:
        answer = failure(404, str(error))
    except SearchTimeoutError as error:
        answer = failure(503, str(error))
    except DatabaseError as error:
        is_slow = is_timeout(error)
        answer = failure(503, OVERDUE.format(limit=limit_s) if is_slow else "")
        logger.warning("%s: %s", question.path, one_line(error))
    return respond(question, answer, served.presenter)


def _question(served: Served, request: Request) -> Question:
    parameters = _first_of_each(request.query_params.multi_items())
    language = language_of(parameters.get("lang"), request.headers.get("accept-language", ""))
    return Question(
        archive=served.archive,
        connection=served.connection,
        settings=served.settings,
        path=request.scope["path"],
        names=request.path_params,
        parameters=parameters,
        language=language,
        now=clock.now(),
        base_url=str(request.base_url).rstrip("/"),
        is_json=wants_json(request),
        kept={"lang": language} if parameters.get("lang") == language else {},
        remembered=served.remembered,
    )


def _first_of_each(items: list[tuple[str, str]]) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for name, value in items:
        found.setdefault(name, value)
    return found


def _error(served: Served, request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        logger.error("%s: %s", request.scope["path"], error, exc_info=error)
        return PlainTextResponse("Something went wrong here; the log of the server says what.\n", 500)
    response = respond(_question(served, request), failure(error.status_code, ""), served.presenter)
    response.headers.update(error.headers or {})
    return response
