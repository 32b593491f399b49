"""Falls of how often, how surely and how long fields are found; what is no fall."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from newsspider.alarms.alarm import ACKNOWLEDGED, Alarm
from newsspider.alarms.falls import fallen_share
from newsspider.alarms.fields import field_finding, renew_fields
from newsspider.alarms.window import FIELD_BITS, MAX_ARTICLES, Reading

START = datetime(2026, 3, 2, tzinfo=UTC)
ALL = sum(FIELD_BITS.values())
SOURCE, AUTHORS = FIELD_BITS["source"], FIELD_BITS["authors"]


def readings(fields: Sequence[int], sure: float = 0.9, length: int = 800, first: int = 0) -> list[Reading]:
    return [
        Reading(f"a.example/{number}", START + timedelta(hours=number), bits, (0.9, 0.9, sure, 0.8, 0.95), length)
        for number, bits in enumerate(fields, first)
    ]


def test_ten_articles_without_a_field_that_forty_had_are_one_alarm_with_the_first_of_them() -> None:
    articles = readings([ALL] * 40 + [ALL & ~SOURCE] * 10)
    found = field_finding(articles, ())
    assert found is not None
    assert found.parts.keys() == {"source"}
    assert (found.parts["source"].usual, found.parts["source"].present) == (1.0, 0.0)
    assert found.example is not None
    assert (found.example.id, found.since) == ("a.example/40", articles[40].at)


def test_small_runs_count_together() -> None:
    articles = readings([ALL] * 40)
    for number in range(40, 52):
        articles += readings([ALL & ~SOURCE], first=number)
        if field_finding(articles, ()):
            break
    assert number <= 49


def test_fields_that_fall_together_are_one_finding() -> None:
    found = field_finding(readings([ALL] * 60 + [FIELD_BITS["related"]] * 10), ())
    assert found is not None
    assert {"source", "authors", "editor", "published_at"} <= found.parts.keys()


def test_chance_alone_is_no_alarm(soak: Callable[[int, int], int]) -> None:
    for seed in range(soak(3, 60)):
        chance = random.Random(seed)
        articles: list[Reading] = []
        for number in range(600):
            bits = sum(bit for place, bit in enumerate(FIELD_BITS.values()) if chance.random() < 0.15 + 0.12 * place)
            sure = chance.choice((0.5, 0.7, 0.9, 0.96))
            articles += readings([bits], sure, int(chance.lognormvariate(6, 0.8)), number)
            assert field_finding(articles[-MAX_ARTICLES:], ()) is None, (seed, number)


def test_batches_that_a_site_often_has_are_no_alarm() -> None:
    """Every fourth day ten pictures without a source; a field that it hardly ever has comes to none."""
    day = [ALL & ~AUTHORS] * 12
    pictures = [FIELD_BITS["images"]] * 10
    articles = readings((day * 3 + pictures) * 6)
    for end in range(50, len(articles)):
        if end > 100:  # the batch has been seen before
            assert field_finding(articles[:end], ()) is None


def test_a_field_that_a_site_never_has_and_a_new_site_are_no_alarm() -> None:
    assert field_finding(readings([ALL & ~SOURCE] * 80), ()) is None
    assert field_finding(readings([ALL] * 10 + [0] * 15), ()) is None
    assert field_finding([], ()) is None


def test_confidence_and_length_fall() -> None:
    surely = readings([ALL] * 40)
    unsure = field_finding(surely + readings([ALL] * 12, sure=0.55, first=40), ())
    assert unsure is not None
    assert unsure.parts.keys() == {"source confidence"}
    short = field_finding(surely + readings([ALL] * 12, length=60, first=40), ())
    assert short is not None
    assert short.parts["text length"].present == pytest.approx(60)


def test_an_alarm_heals_by_eight_articles_and_its_time_is_not_usual_afterwards() -> None:
    articles = readings([ALL] * 40 + [ALL & ~SOURCE] * 30)
    found = field_finding(articles, ())
    assert found is not None
    alarm = Alarm.raised("a.example", found, articles[-1].at)
    articles += readings([ALL] * 3, first=70)
    assert not renew_fields(alarm, articles)
    articles += readings([ALL] * 5, first=73)
    assert renew_fields(alarm, articles)
    alarm.state, alarm.healed_at = "healed", articles[-1].at
    again = field_finding(articles + readings([ALL & ~SOURCE] * 10, first=78), [alarm])
    assert again is not None
    assert again.parts["source"].usual == 1.0


def test_what_was_acknowledged_is_usual_from_then_on() -> None:
    articles = readings([ALL] * 40 + [ALL & ~SOURCE] * 30)
    found = field_finding(articles, ())
    assert found is not None
    alarm = Alarm.raised("a.example", found, articles[-1].at)
    alarm.state = ACKNOWLEDGED
    assert field_finding(articles, [alarm]) is None
    more = articles + readings([ALL & ~(SOURCE | AUTHORS)] * 10, first=70)
    later = field_finding(more, [alarm])
    assert later is not None
    assert later.parts.keys() == {"authors"}


def test_two_thirds_to_nothing_takes_a_few_articles_more() -> None:
    usual = [True, True, False] * 14
    counts = [n for n in range(8, 30) if fallen_share(usual + [False] * n)]
    assert counts[0] <= 16
