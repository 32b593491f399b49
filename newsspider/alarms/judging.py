"""What becomes of a site's alarms after a look at its window: raised, brought up to date, healed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from newsspider.alarms.alarm import HEALED, OPEN, Alarm, Finding, Kind
from newsspider.alarms.fetches import list_finding, renew_lists, renew_verdict, verdict_finding
from newsspider.alarms.fields import add_fields, field_finding, renew_fields
from newsspider.alarms.output import renew_silence, renew_volume, silence_finding, volume_finding
from newsspider.alarms.window import SiteWindow

# a site is not judged by its first run, nor by what follows within this time
NEW_SITE: Final = timedelta(minutes=1)
# these follow from the others: they are not raised while one of those is open
CAUSES: Final[tuple[Kind, ...]] = ("verdict", "list")
# articles that come while most fetches give no page say nothing of the site's layout
ORDER: Final[tuple[Kind, ...]] = ("verdict", "list", "field", "silence", "volume")


@dataclass(slots=True)
class Judgement:
    """The alarms of a site that a look has raised, changed (`to_tell`: with news in it) and healed."""

    raised: list[Alarm] = field(default_factory=list)
    changed: list[Alarm] = field(default_factory=list)
    healed: list[Alarm] = field(default_factory=list)


def judge(window: SiteWindow, alarms: Sequence[Alarm], now: datetime, run_began_at: datetime) -> Judgement:
    """Return what becomes of the alarms of a site.

    `alarms` are its open ones, and those that were acknowledged or healed while what the window holds was read. At most
    one alarm of each kind is open. A site that the run at `run_began_at` was the first to see raises none.
    """
    judgement = Judgement()
    is_new = window.first_at >= run_began_at - NEW_SITE
    for kind in ORDER:
        alarm = next((alarm for alarm in alarms if alarm.kind == kind and alarm.is_open), None)
        if alarm is not None:
            _renew(alarm, window, alarms, now, judgement)
        elif not is_new and (finding := _finding(kind, window, [*alarms, *judgement.raised], now)):
            judgement.raised.append(Alarm.raised(window.site, finding, now))
    return judgement


def _renew(alarm: Alarm, window: SiteWindow, alarms: Sequence[Alarm], now: datetime, judgement: Judgement) -> None:
    alarm.checked_at = now
    if alarm.kind == "field" and (finding := field_finding(window.articles, alarms)) and add_fields(alarm, finding):
        alarm.told_at = None
    if _is_healed(alarm, window, now):
        alarm.state, alarm.healed_at = HEALED, now
        judgement.healed.append(alarm)
    else:
        judgement.changed.append(alarm)


def _is_healed(alarm: Alarm, window: SiteWindow, now: datetime) -> bool:
    if alarm.kind == "field":
        return renew_fields(alarm, window.articles)
    if alarm.kind == "verdict":
        return renew_verdict(alarm, window.fetches)
    if alarm.kind == "list":
        return renew_lists(alarm, window.lists.values())
    if alarm.kind == "silence":
        return renew_silence(alarm, window, now)
    return renew_volume(alarm, window, now)


def _finding(kind: Kind, window: SiteWindow, alarms: Iterable[Alarm], now: datetime) -> Finding | None:
    if kind == "verdict":
        return verdict_finding(window.fetches, alarms)
    if kind == "list":
        return list_finding(window.lists.values(), alarms)
    if kind == "field":
        return field_finding(window.articles, alarms)
    if any(alarm.state == OPEN and alarm.kind in CAUSES for alarm in alarms):
        return None
    if kind == "silence":
        return silence_finding(window, alarms, now)
    return volume_finding(window, alarms, now)
