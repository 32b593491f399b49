"""An alarm: what is wrong on a site, since when, and whether somebody has dealt with it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

import xxhash

Kind = Literal["field", "silence", "verdict", "list", "volume"]
State = Literal["open", "acknowledged", "healed"]
KINDS: Final[tuple[Kind, ...]] = ("field", "silence", "verdict", "list", "volume")
OPEN: Final = "open"
ACKNOWLEDGED: Final = "acknowledged"
HEALED: Final = "healed"


@dataclass(slots=True)
class Part:
    """One thing that has changed: the coverage, confidence or length of a field, a listing's rows, ...

    `usual` and `present` are shares, means or counts, as `measure` says: coverage, confidence, length, good, rows,
    gap_h, day or week. `count` is the number of articles, fetches or visits that `present` is of.
    """

    measure: str
    usual: float
    present: float
    count: int
    is_back: bool = False


@dataclass(slots=True)
class Example:
    """A page that shows what is wrong: its id and URL, and what `--explain` or the fetch said of it."""

    id: str
    url: str
    at: datetime | None = None
    explain: list[str] = dataclasses.field(default_factory=list)


@dataclass(slots=True)
class Finding:
    """The problems found when a site was judged; `parts` by the name of a field, listing or verdict."""

    kind: Kind
    since: datetime
    parts: dict[str, Part]
    example: Example | None = None
    notes: dict[str, int] = dataclasses.field(default_factory=dict)

    @property
    def field(self) -> str:
        """The name of the part that stands for all: that of the largest fall."""
        return max(self.parts, key=lambda name: _fall(self.parts[name]))


@dataclass(slots=True)
class Alarm:
    """A document of the collection `alarms`. `parts` as in Finding; `first_bad` is the first example."""

    id: str
    site: str
    kind: Kind
    field: str
    since: datetime
    raised_at: datetime
    parts: dict[str, Part]
    first_bad: Example | None = None
    example: Example | None = None
    notes: dict[str, int] = dataclasses.field(default_factory=dict)
    state: State = "open"
    checked_at: datetime | None = None
    told_at: datetime | None = None
    acknowledged_at: datetime | None = None
    healed_at: datetime | None = None

    @classmethod
    def raised(cls, site: str, finding: Finding, now: datetime) -> Alarm:
        """Return the alarm of a finding that is new."""
        name = xxhash.xxh3_64_hexdigest(f"{site} {finding.kind} {now.isoformat()}".encode())[:6]
        return cls(
            f"{finding.kind}-{name}",
            site,
            finding.kind,
            finding.field,
            finding.since,
            now,
            finding.parts,
            finding.example,
            finding.example,
            finding.notes,
            checked_at=now,
        )

    @property
    def is_open(self) -> bool:
        return self.state == OPEN

    def to_document(self) -> dict[str, Any]:
        """Return the document for MongoDB; usual and present share of the main part stand at the top as well."""
        main = self.parts[self.field]
        rows = [{"name": name, **_part_document(part)} for name, part in self.parts.items()]
        return {
            "_id": self.id,
            "site": self.site,
            "kind": self.kind,
            "field": self.field,
            "measure": main.measure,
            "usual": main.usual,
            "present": main.present,
            "parts": rows,
            "notes": self.notes,
            "state": self.state,
            "since": self.since,
            "raised_at": self.raised_at,
            "checked_at": self.checked_at,
            "told_at": self.told_at,
            "acknowledged_at": self.acknowledged_at,
            "healed_at": self.healed_at,
            "first_bad": _example_document(self.first_bad),
            "example": _example_document(self.example),
        }

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Alarm:
        """Return the alarm in a document."""
        rows = document["parts"]
        parts = {
            row["name"]: Part(row["measure"], row["usual"], row["present"], row["count"], row.get("is_back", False))
            for row in rows
        }
        return cls(
            document["_id"],
            document["site"],
            document["kind"],
            document["field"],
            document["since"],
            document["raised_at"],
            parts,
            _example(document.get("first_bad")),
            _example(document.get("example")),
            dict(document.get("notes") or {}),
            document["state"],
            document.get("checked_at"),
            document.get("told_at"),
            document.get("acknowledged_at"),
            document.get("healed_at"),
        )

    def covers(self, moment: datetime) -> bool:
        """Return True if `moment` is in the time that was not as usual."""
        end = self.healed_at
        return self.since <= moment and (end is None or moment <= end)

    def is_within(self, now: datetime, span: timedelta) -> bool:
        """Return True if it was open at any time of the `span` before `now`."""
        end = self.healed_at or self.acknowledged_at if self.state == HEALED else None
        return end is None or now - end < span


def _fall(part: Part) -> float:
    """Return how far a part has fallen, as a share of what is usual."""
    if part.usual <= 0:
        return abs(part.present)
    return abs(part.usual - part.present) / part.usual


def _part_document(part: Part) -> dict[str, Any]:
    return {
        "measure": part.measure,
        "usual": round(part.usual, 3),
        "present": round(part.present, 3),
        "count": part.count,
        "is_back": part.is_back,
    }


def _example_document(example: Example | None) -> dict[str, Any] | None:
    if example is None:
        return None
    return {"id": example.id, "url": example.url, "at": example.at, "explain": example.explain}


def _example(document: Mapping[str, Any] | None) -> Example | None:
    if document is None:
        return None
    return Example(document["id"], document["url"], document.get("at"), list(document.get("explain") or ()))
