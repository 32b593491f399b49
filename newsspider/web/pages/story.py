"""A story: who published it when, whom each names as its source, and how the copies differ from the first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from newsspider.text import fold
from newsspider.web.answers import Answer
from newsspider.web.asking import Question
from newsspider.web.comparing import shared_paragraphs, side_by_side
from newsspider.web.pages.article import article_of
from newsspider.web.presenting import article_path

# copies of larger stories are listed, and compared one at a time
MOST_COMPARED: Final = 12
MOST_SHOWN: Final = 200


def story_page(question: Question) -> Answer:
    """Return the timeline of the story that an article is in; ?with= is the copy to compare with the first."""
    article = article_of(question)
    members = question.archive.story(article)[:MOST_SHOWN]
    first = members[0]
    rows = [_row(first, member, at) for at, member in enumerate(members)]
    chosen = question.text("with", 40)
    others = [m for m in members[1:] if chosen is None or m.get("short_id") == chosen]
    shown = others[: MOST_COMPARED if chosen is None else 1]
    compared = [_compared(first, member) for member in shown]
    values = {
        "article": article,
        "first": first,
        "rows": rows,
        "compared": [one for one in compared if one["has_other_title"] or not one["is_same"]],
        "same": [one["article"] for one in compared if one["is_same"] and not one["has_other_title"]],
        "shown": len(shown),
        "path": article_path(article),
        "original": _original(members),
        "sites": sorted({member["site"] for member in members}),
    }
    document = {
        "id": first.get("story_id") or first["_id"],
        "first": first["_id"],
        "original_source": values["original"],
        "items": [
            {
                "id": row["article"]["_id"],
                **{name: row["article"].get(name) for name in ("url", "site", "title", "source")},
                **{name: row["article"].get(name) for name in ("published_at", "first_seen_at", "duplicate_of")},
                "shared_paragraphs": row["shared"],
                "paragraphs": row["paragraphs"],
            }
            for row in rows
        ],
    }
    return Answer("story.html", values, document)


def _compared(first: Mapping[str, Any], member: Mapping[str, Any]) -> dict[str, Any]:
    """Return the paragraphs of a copy beside those of the first, and whether anything differs but the script."""
    rows = side_by_side(first.get("text") or "", member.get("text") or "", fold)
    return {
        "article": member,
        "rows": rows,
        "is_same": rows is not None and all(row.is_same for row in rows),
        "has_other_title": fold(first["title"]) != fold(member["title"]),
    }


def _row(first: Mapping[str, Any], member: Mapping[str, Any], at: int) -> dict[str, Any]:
    shared, paragraphs = shared_paragraphs(first.get("text") or "", member.get("text") or "", fold)
    return {
        "article": member,
        "is_first": at == 0,
        "after": _after(first, member) if at else None,
        "shared": shared,
        "paragraphs": paragraphs,
    }


def _after(first: Mapping[str, Any], member: Mapping[str, Any]) -> float | None:
    """Return how many seconds after the first a copy was published; None where one of the times is not known."""
    times: Sequence[datetime | None] = (first.get("published_at"), member.get("published_at"))
    if any(at is None for at in times) or "day" in (
        first.get("published_precision"),
        member.get("published_precision"),
    ):
        return None
    return float((member["published_at"] - first["published_at"]).total_seconds())


def _original(members: Sequence[Mapping[str, Any]]) -> str | None:
    """Return the source that most copies name."""
    named = [member["source"] for member in members if member.get("source")]
    return min(set(named), key=lambda name: (-named.count(name), name)) if named else None
