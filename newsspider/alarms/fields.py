"""Alarms of fields: found far less often, far less surely, or texts far shorter than before."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from newsspider.alarms.alarm import ACKNOWLEDGED, HEALED, Alarm, Example, Finding, Part
from newsspider.alarms.falls import Fall, fallen_mean, fallen_share, is_back
from newsspider.alarms.window import FIELD_BITS, SURE_FIELDS, Reading, measured, reading_of
from newsspider.items import Article

COVERAGE: Final = "coverage"
CONFIDENCE: Final = "confidence"
LENGTH: Final = "length"
# a confidence falls by so much, a text's usual length to a quarter
CONFIDENCE_FALL: Final = 0.2
CONFIDENCE_MARGIN: Final = 0.05
LENGTH_FALL: Final = math.log(4)
LENGTH_MARGIN: Final = math.log(1.5)
# a field is as usual again by so many articles in a row
HEALED_BY: Final = 8
# fields that fall within this time of each other fall for one reason
ONE_REASON: Final = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure of an article; `value` is None for an article that says nothing of it. Lengths are logarithms."""

    label: str
    kind: str
    value: Callable[[Reading], float | None]

    def shown(self, value: float) -> float:
        """Return a mean as people read it."""
        return math.exp(value) if self.kind == LENGTH else value

    def stored(self, shown: float) -> float:
        """Return the mean that is shown as `shown`."""
        return math.log(max(1.0, shown)) if self.kind == LENGTH else shown


def field_finding(articles: Sequence[Reading], alarms: Iterable[Alarm]) -> Finding | None:
    """Return what has changed in the fields of `articles` (oldest first), None where nothing has.

    `alarms` are the earlier ones of the site: articles of their time are not taken as usual.
    """
    earlier = [alarm for alarm in alarms if alarm.kind == "field"]
    parts: dict[str, Part] = {}
    firsts: list[Reading] = []
    for measure in MEASURES:
        readings = [reading for reading in articles if not any(_is_spoilt(reading, a, measure) for a in earlier)]
        if found := _fall(readings, measure):
            fall, first = found
            parts[measure.label] = Part(
                measure.kind, measure.shown(fall.usual), measure.shown(fall.present), fall.count
            )
            firsts.append(first)
    if not parts:
        return None
    first = min(firsts, key=lambda reading: reading.at)
    return Finding("field", first.at, parts, example_of(first))


def renew_fields(alarm: Alarm, articles: Sequence[Reading]) -> bool:
    """Bring the parts of an open alarm up to date by the articles since; return True if all are as usual again."""
    later = [reading for reading in articles if reading.at >= alarm.since]
    for measure in MEASURES:
        part = alarm.parts.get(measure.label)
        values = [number for reading in later if (number := measure.value(reading)) is not None][-HEALED_BY:]
        if part is None or not values:
            continue
        mean = sum(values) / len(values)
        usual, lowest = measure.stored(part.usual), measure.stored(part.present)
        part.is_back = len(values) >= HEALED_BY and is_back(Fall(usual, min(lowest, mean), 0), mean)
        if not part.is_back:
            part.present, part.count = measure.shown(mean), len(values)
    return all(part.is_back for part in alarm.parts.values())


def add_fields(alarm: Alarm, finding: Finding) -> bool:
    """Add what else has fallen to an open alarm; return True if that has another reason, and is to be told."""
    added = {name: part for name, part in finding.parts.items() if name not in alarm.parts}
    alarm.parts |= added
    return bool(added) and abs(finding.since - alarm.since) > ONE_REASON


def example_of(reading: Reading) -> Example:
    return Example(reading.key, f"http://{reading.key}", reading.at)


def is_shown_by(alarm: Alarm, article: Article) -> bool:
    """Return True if an article shows what an alarm of fields is about."""
    if article.fetched_at < alarm.since:
        return False
    reading = reading_of(measured(article, article.fetched_at))
    part = alarm.parts[alarm.field]
    measure = next(measure for measure in MEASURES if measure.label == alarm.field)
    value = measure.value(reading)
    return value is not None and value < measure.stored((part.usual + part.present) / 2)


def _is_spoilt(reading: Reading, alarm: Alarm, measure: Measure) -> bool:
    """Return True if a reading does not show what is usual: before a change that was acknowledged, or in a bad time."""
    if alarm.state == ACKNOWLEDGED:
        return reading.at < alarm.since
    return alarm.state == HEALED and measure.label in alarm.parts and alarm.covers(reading.at)


def _fall(readings: Sequence[Reading], measure: Measure) -> tuple[Fall, Reading] | None:
    """Return the fall of a measure with the first reading that shows it."""
    pairs = [(reading, number) for reading in readings if (number := measure.value(reading)) is not None]
    values = [number for _, number in pairs]
    if measure.kind == COVERAGE:
        fall = fallen_share([bool(value) for value in values])
    elif measure.kind == CONFIDENCE:
        fall = fallen_mean(values, CONFIDENCE_FALL, CONFIDENCE_MARGIN)
    else:
        fall = fallen_mean(values, LENGTH_FALL, LENGTH_MARGIN)
    if fall is None:
        return None
    middle = (fall.usual + fall.present) / 2
    return fall, next(reading for reading, value in pairs[-fall.count :] if value < middle)


def _coverage(name: str) -> Measure:
    return Measure(name, COVERAGE, lambda reading: float(reading.has(name)))


def _confidence(name: str) -> Measure:
    return Measure(f"{name} {CONFIDENCE}", CONFIDENCE, lambda reading: reading.confidence(name))


MEASURES: Final = (
    *map(_coverage, FIELD_BITS),
    *map(_confidence, SURE_FIELDS),
    Measure(f"text {LENGTH}", LENGTH, lambda reading: math.log(max(1, reading.length))),
)
