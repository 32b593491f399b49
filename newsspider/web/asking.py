"""What a reader asks for: the parameters of a request, checked, and the language."""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, TypeVar
from urllib.parse import urlencode

from anyio import from_thread

from newsspider.errors import NewsspiderError
from newsspider.mongo.archive import Archive
from newsspider.mongo.server.connection import Connection
from newsspider.text.zone import BEIJING
from newsspider.web.remembering import Remembered

T = TypeVar("T")
LANGUAGES: Final = ("en", "zh")
LONGEST: Final = 500
DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
CONTROL: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f\ud800-\udfff]")
LANGUAGE: Final = re.compile(r"\s*([A-Za-z*]{1,8})(?:-[A-Za-z0-9-]+)?\s*(?:;\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*)?\Z")


class BadQuestionError(NewsspiderError):
    """A parameter that cannot be meant; the message is for the reader."""


class NotThereError(NewsspiderError):
    """Nothing has this address."""


@dataclass(slots=True)
class Question:
    """One request: path parameters, query parameters, what it is asked of."""

    archive: Archive
    connection: Connection
    settings: Any
    path: str
    names: Mapping[str, str]
    parameters: Mapping[str, str]
    language: str
    now: datetime
    base_url: str = ""
    is_json: bool = False
    kept: dict[str, str] = field(default_factory=dict)
    remembered: Remembered = field(default_factory=Remembered)

    def text(self, name: str, longest: int = LONGEST) -> str | None:
        """Return a parameter, None where it is missing or empty. Raises BadQuestionError."""
        value = (self.parameters.get(name) or "").strip()
        if CONTROL.search(value):
            raise BadQuestionError(f"{name}: characters that no text has")
        if len(value) > longest:
            raise BadQuestionError(f"{name}: longer than {longest} characters")
        return value or None

    def one_of(self, name: str, values: tuple[str, ...], default: str) -> str:
        """Return a parameter that is one of `values`. Raises BadQuestionError."""
        value = self.text(name)
        if value is not None and value not in values:
            raise BadQuestionError(f"{name}: expected one of {', '.join(values)}")
        return value or default

    def flag(self, name: str) -> bool:
        return self.one_of(name, ("0", "1"), "0") == "1"

    def number(self, name: str, default: int, least: int, most: int) -> int:
        """Return a whole number between `least` and `most`. Raises BadQuestionError."""
        value = self.text(name, 12)
        if value is None:
            return default
        if not re.fullmatch(r"[0-9]{1,9}", value) or not least <= int(value) <= most:
            raise BadQuestionError(f"{name}: expected a number from {least} to {most}")
        return int(value)

    def day(self, name: str) -> date | None:
        """Return a day such as 2024-04-24. Raises BadQuestionError."""
        value = self.text(name, 40)
        if value is None:
            return None
        try:
            if not DATE.match(value) or not value.isascii():
                raise ValueError
            found = date.fromisoformat(value)
            if not 1900 <= found.year <= 2200:
                raise ValueError
        except ValueError:
            raise BadQuestionError(f"{name}: {value!r} is not a day such as 2024-04-24") from None
        return found

    def begins(self, name: str) -> datetime | None:
        """Return the beginning of a day in Beijing time, aware UTC."""
        return _begin(self.day(name))

    def ends(self, name: str) -> datetime | None:
        """Return the end of a day in Beijing time, aware UTC."""
        day = self.day(name)
        return _begin(day + timedelta(days=1)) if day else None

    def moment(self, name: str) -> datetime | None:
        """Return a time as our own cursors have it, ISO 8601 in UTC. Raises BadQuestionError."""
        value = self.text(name, 40)
        if value is None:
            return None
        try:
            found = datetime.fromisoformat(value.replace(" ", "+"))
        except ValueError:
            raise BadQuestionError(f"{name}: not a place of a list") from None
        if found.tzinfo is None or not 1900 <= found.year <= 2200:
            raise BadQuestionError(f"{name}: not a place of a list")
        return found

    def wait(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Return what an asynchronous question gives; it runs on the loop of the server."""
        return from_thread.run(work)

    def link(self, path: str, **parameters: object) -> str:
        """Return the address of a page of ours; parameters that are None or "" are left out, the language is kept."""
        given = {name: str(value) for name, value in parameters.items() if value not in (None, "", False)}
        query = urlencode({**given, **{k: v for k, v in self.kept.items() if k not in parameters}})
        return f"{path}?{query}" if query else path


def _begin(day: date | None) -> datetime | None:
    return datetime(day.year, day.month, day.day, tzinfo=BEIJING).astimezone(UTC) if day else None


def language_of(parameter: str | None, accepted: str) -> str:
    """Return the language of a page: that of ?lang=, else of Accept-Language, else English."""
    if parameter in LANGUAGES:
        return parameter
    best, weight = "en", 0.0
    for part in accepted[:LONGEST].split(","):
        if found := LANGUAGE.match(part):
            name, value = found[1].lower(), float(found[2] or 1)
            if name in LANGUAGES and value > weight:
                best, weight = name, value
    return best
