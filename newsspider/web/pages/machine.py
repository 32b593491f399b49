"""What programs ask: the description of the API, metrics, health; and the files that pages need."""

from __future__ import annotations

from importlib.resources import files
from typing import Any, Final

from newsspider import __version__
from newsspider.mongo.server.connection import MongoSettings
from newsspider.mongo.shared_figures import SharedFigures
from newsspider.web.answers import Answer, Raw, to_json
from newsspider.web.asking import NotThereError, Question
from newsspider.web.pages.description import description

STATIC_TYPES: Final = {".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}
_figures: dict[str, SharedFigures] = {}


def help_page(question: Question) -> Answer:
    """Return how to search, and what programs can ask."""
    paths = [
        {"path": path, "summary": methods["get"]["summary"], "parameters": methods["get"].get("parameters", [])}
        for path, methods in description(question.base_url)["paths"].items()
    ]
    return Answer("help.html", {"paths": paths}, {"paths": paths})


def openapi(question: Question) -> Raw:
    """Return the OpenAPI document."""
    return Raw(to_json(description(question.base_url)), "application/json")


def healthz(question: Question) -> Raw:
    """Return ok where MongoDB answers."""
    question.archive.database.client.admin.command("ping")
    return Raw(b"ok\n", "text/plain; charset=utf-8", {"Cache-Control": "no-store"})


def metrics(question: Question) -> Raw:
    """Return the figures of all processes, in the text format of Prometheus."""
    from prometheus_client import CollectorRegistry, Gauge, generate_latest

    settings = question.settings
    mongo = MongoSettings.of(settings)._replace(uri=question.connection.uri)
    shared = _figures.setdefault(f"{mongo.uri} {mongo.database}", SharedFigures(mongo, settings["SPOOL_DIR"]))
    registry = CollectorRegistry()
    for name, (meaning, value) in shared.read().items():
        Gauge(name, meaning, registry=registry).set(value)
    Gauge("newsspider_build_info", "version", ["version"], registry=registry).labels(__version__).set(1)
    return Raw(generate_latest(registry), "text/plain; version=0.0.4; charset=utf-8", {"Cache-Control": "no-store"})


def robots(question: Question) -> Raw:
    """Return that nothing is for search engines: the texts are those of their publishers."""
    return Raw(b"User-agent: *\nDisallow: /\n", "text/plain; charset=utf-8")


def static(question: Question) -> Raw:
    """Return a file of the package."""
    name = question.names["name"]
    known: dict[str, Any] = {entry.name: entry for entry in (files("newsspider.web") / "static").iterdir()}
    kind = STATIC_TYPES.get(name[name.rfind(".") :]) if "." in name else None
    if name not in known or kind is None:
        raise NotThereError("")
    return Raw(known[name].read_bytes(), kind, {"Cache-Control": "public, max-age=86400"})
