"""Answers: a page for readers, the same as JSON for programs, and errors in both."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from newsspider.cli.exporting.lines import json_value
from newsspider.web.access import PICTURES
from newsspider.web.asking import Question
from newsspider.web.presenting import Presenter

JSON_SUFFIX: Final = ".json"
MEDIA_TYPE: Final = re.compile(r"\s*([\w*.+-]+/[\w*.+-]+)\s*(?:;[^,]*?\bq=([01](?:\.\d*)?))?")
ERROR_TITLES: Final = {
    400: "This question cannot be answered",
    404: "There is no such page",
    405: "This can only be read",
    503: "The database does not answer",
}


@dataclass(slots=True)
class Answer:
    """A page: its template with `values`, and what programs get in its place as JSON.

    `picture_hosts` are origins that the page may load pictures of.
    """

    template: str
    values: dict[str, Any]
    document: Mapping[str, Any] | None = None
    status: int = 200
    picture_hosts: tuple[str, ...] = ()


@dataclass(slots=True)
class Moved:
    """The address where the answer is."""

    path: str


@dataclass(slots=True)
class Raw:
    """An answer that is neither a page nor JSON: a feed, an export, a kept page."""

    content: bytes
    media_type: str
    headers: dict[str, str] = field(default_factory=dict)


def wants_json(request: Request) -> bool:
    """Return True if the path ends in .json, or Accept prefers JSON to HTML."""
    if request.scope.get("newsspider.json"):
        return True
    weights: dict[str, float] = {}
    for part in request.headers.get("accept", "")[:1000].split(","):
        if found := MEDIA_TYPE.match(part):
            weights[found[1].lower()] = float(found[2] or 1)
    html = max(weights.get("text/html", 0.0), weights.get("application/xhtml+xml", 0.0))
    return weights.get("application/json", 0.0) > max(html, weights.get("*/*", 0.0) * 0.99)


def respond(question: Question, answer: Answer | Moved | Raw, presenter: Presenter) -> Response:
    """Return the response for an answer."""
    if isinstance(answer, Moved):
        return RedirectResponse(answer.path, 303)
    if isinstance(answer, Raw):
        return Response(answer.content, media_type=answer.media_type, headers=answer.headers)
    headers = {"Vary": "Accept, Accept-Language"}
    if question.is_json:
        document = answer.document if answer.document is not None else answer.values
        return Response(to_json(document), answer.status, headers, "application/json")
    if answer.picture_hosts:
        headers[PICTURES] = " ".join(answer.picture_hosts)
    page = presenter.page(question, answer.template, answer.values)
    headers["Content-Language"] = {"zh": "zh-Hans"}.get(question.language, question.language)
    return Response(page, answer.status, headers, "text/html")


def failure(status: int, detail: str) -> Answer:
    """Return the page of an error."""
    title = ERROR_TITLES.get(status, "This cannot be answered")
    return Answer("error.html", {"title": title, "detail": detail}, {"error": title, "detail": detail}, status)


def to_json(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, default=_plain).encode("utf-8", "replace")


def _plain(value: object) -> object:
    if isinstance(value, set | frozenset | tuple):
        return list(value)
    try:
        return json_value(value)
    except TypeError:
        return str(value)
