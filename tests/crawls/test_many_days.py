"""A site is crawled daily for months: every article once, every edit a revision, an alarm for what is wrong alone."""

from __future__ import annotations

import random
import subprocess
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from subprocess import CompletedProcess
from typing import Any

from living_site import Plan, path_of, site_on, stories, text_of
from project import ROOT, scrapy_command

from newsspider.text.zone import BEIJING

Run = Callable[..., CompletedProcess[str]]

DAY_S = 86_400
FAST = ("-s", "DOWNLOAD_DELAY=0", "-s", "AUTOTHROTTLE_ENABLED=0", "-s", "AUTOTHROTTLE_MAX_DELAY=0.1")
CLOCK = 19  # the hour in Beijing at which the site is crawled
WEEK = 7
PATIENCE_S = 60


def plan_of(days: int) -> Plan:
    """Return what happens in so many days; in a short form all of it within two weeks."""
    began_on = datetime.now(BEIJING).date() + timedelta(days=1)
    if days < 100:
        return Plan(began_on, days, (99, 99), (7, 9), (4, 6))
    return Plan(began_on, days, (38, 46), (60, 67), (85, 93))


class Crawls:
    """The daily crawls of one plan, and what they left in MongoDB."""

    def __init__(self, plan: Plan, run: Run, server: Any, mongo: Any, environment: dict[str, str]) -> None:
        self.plan, self.run, self.server, self.mongo, self.environment = plan, run, server, mongo, environment
        start = datetime.combine(plan.began_on, datetime.min.time(), BEIJING) + timedelta(hours=CLOCK)
        # ahead, never behind: MongoDB removes by its own clock what is to expire
        self.ahead_s = (start - datetime.now(UTC)).total_seconds()

    def day(self, day: int, *, is_killed: bool = False) -> None:
        ahead_s = self.ahead_s + day * DAY_S
        self.server.replace(site_on(self.plan, day))
        self.server.put_ahead(ahead_s)
        arguments = ("crawl", "news", "-a", f"url={self.server.url('/')}", "-s", f"CLOCK_AHEAD_S={ahead_s}", *FAST)
        if is_killed:
            self._killed(arguments)
            return
        done = self.run(*arguments, "--fail-on-alarm")
        still = [alarm["_id"] for alarm in self.mongo["alarms"].find({"state": "open"})]
        wanted = 1 if self.plan.is_blocked(day) else 3 if still else 0
        assert done.returncode == wanted, f"day {day}: {done.stderr[-2000:]}"
        assert all(f"alarm {name} 127.0.0.1: " in done.stderr for name in still)

    def _killed(self, arguments: tuple[str, ...]) -> None:
        before = sum(self.server.requests.values())
        limit = before + random.randint(2, 25)
        process = subprocess.Popen(
            scrapy_command(*arguments),
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + PATIENCE_S
        while sum(self.server.requests.values()) < limit and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        process.kill()
        process.wait()


def test_a_site_of_many_days(
    run_scrapy: Run, site_server: Any, mongo: Any, scrapy_environment: dict[str, str], soak: Any
) -> None:
    plan = plan_of(soak(10, 120))
    stories(plan.numbers(plan.days - 1).stop)
    server = site_server(site_on(plan, 0))
    crawls = Crawls(plan, run_scrapy, server, mongo, scrapy_environment)
    for day in range(plan.days):
        crawls.day(day, is_killed=day % WEEK == 3 and not plan.is_blocked(day))
        check_alarms(plan, mongo, day)
    crawls.day(plan.days - 1)
    check_articles(plan, mongo)


def check_alarms(plan: Plan, mongo: Any, day: int) -> None:
    """Every event has raised one alarm of its kind by now, and nothing else has raised any."""
    events = [("field", plan.redesign), ("verdict", plan.block), ("field", plan.without_source)]
    wanted = sorted((start, kind) for kind, (start, _) in events if start <= day - 1)
    due = [(start, kind) for kind, (start, _) in events if start <= day]
    alarms = sorted(mongo["alarms"].find(), key=lambda alarm: alarm["raised_at"])
    kinds = [alarm["kind"] for alarm in alarms]
    for alarm in alarms:
        if alarm["kind"] == "field":
            assert alarm["example"]["explain"][0] == alarm["example"]["url"]
            assert alarm["first_bad"]["url"].startswith("http://127.0.0.1:")
    assert kinds in ([kind for _, kind in wanted], [kind for _, kind in sorted(due)]), f"day {day}: {alarms}"


def day_of(plan: Plan, moment: datetime) -> int:
    return (moment.astimezone(BEIJING).date() - plan.began_on).days


def check_articles(plan: Plan, mongo: Any) -> None:
    articles = {document["_id"].partition("/")[2]: document for document in mongo["articles"].find()}
    last = plan.days - 1
    wanted = {path_of(plan, number).lstrip("/"): number for number in plan.articles(last)}
    assert articles.keys() == wanted.keys()
    for path, number in wanted.items():
        document, edited, gone = articles[path], plan.edited_on(number), plan.withdrawn_on(number)
        # one that a killed crawl did not get to may have been edited when it was first seen
        is_edited = edited is not None and edited <= last and day_of(plan, document["first_seen_at"]) < edited
        assert document["revision"] == 1 + is_edited, (path, document["change"])
        told = text_of(plan, number, last)
        assert [line for line in document["text"].split("\n") if line in told] == told, path
        assert (document.get("withdrawn_at") is not None) == (gone is not None and gone < last), path
    assert mongo["revisions"].count_documents({}) == sum(d["revision"] - 1 for d in articles.values())
