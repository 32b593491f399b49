"""`scrapy alarms`: sites judged on request, alarms sent to a webhook once, shown, acknowledged."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from subprocess import CompletedProcess
from typing import Any

import pytest
from webhook import SECRET, Webhook, listening

from newsspider.alarms.rhythm import hour_of
from newsspider.alarms.window import FIELD_BITS

Run = Callable[..., CompletedProcess[str]]
ALL = sum(FIELD_BITS.values())


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    with listening() as server:
        yield server


def window(site: str, *, good: int, bad: int, now: datetime) -> dict[str, Any]:
    """Return the window of a site whose last `bad` articles have no source."""
    began = now - timedelta(hours=6 * (good + bad))
    entries = [
        {"k": f"{site}/{n}", "t": began + timedelta(hours=6 * n), "f": ALL if n < good else ALL & ~1, "s": [], "n": 700}
        for n in range(good + bad)
    ]
    hours = {str(hour_of(entry["t"])): 4 for entry in entries[::-4]}
    return {"_id": site, "first_at": began, "articles": entries, "hours": hours, "looked_at": entries[-1]["t"]}


def test_checked_sent_shown_and_acknowledged(run_scrapy: Run, mongo: Any, webhook: Webhook) -> None:
    now = datetime.now(UTC)
    mongo["site_windows"].insert_many(
        [
            window("broken.example", good=60, bad=12, now=now),
            window("fine.example", good=72, bad=0, now=now),
            window("paused.example", good=60, bad=12, now=now),
        ]
    )
    mongo["sites"].insert_one({"_id": "paused.example", "state": "paused"})
    mongo["sites"].insert_one({"_id": "broken.example", "state": "paused", "paused_until": now - timedelta(days=1)})
    env = {"ALERT_URLS": webhook.alert_url, "ALERT_LANGUAGE": "zh"}

    webhook.is_broken = True
    failed = run_scrapy("alarms", "--check", "-L", "DEBUG", env=env)
    assert failed.returncode == 1
    assert SECRET not in failed.stdout + failed.stderr
    webhook.is_broken = False
    checked = run_scrapy("alarms", "--check", "--fail-on-alarm", env=env)
    assert (checked.returncode, checked.stderr) == (3, "")
    (post,) = webhook.posts
    assert "broken.example" in post["title"]
    assert "篇中有来源的占0%，平时100%" in post["message"]
    (alarm,) = mongo["alarms"].find()
    assert alarm["_id"] in checked.stdout
    assert (alarm["site"], alarm["kind"], alarm["field"], alarm["first_bad"]["id"]) == (
        "broken.example",
        "field",
        "source",
        "broken.example/60",
    )

    later = ("-s", f"CLOCK_AHEAD_S={86_400 * 1.2}")
    assert run_scrapy("alarms", "--check", *later, env=env).returncode == 0
    assert [post["title"] for post in webhook.posts[1:]] == ["newsspider：1条警报未解除"]

    shown = run_scrapy("alarms", "show", alarm["_id"].partition("-")[2])
    assert "source in 0% of the last" in shown.stdout
    assert "scrapy extract --explain 'http://broken.example/60'" in shown.stdout
    acknowledged = json.loads(run_scrapy("alarms", "ack", alarm["_id"], "--json").stdout)
    assert acknowledged["state"] == "acknowledged"
    again = run_scrapy("alarms", "ack", alarm["_id"])
    assert (again.returncode, again.stderr.count("\n")) == (1, 1)
    assert run_scrapy("alarms", "--check", "--json", *later, env=env).stdout == ""
    assert len(webhook.posts) == 2


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (("alarms", "show"), 2),
        (("alarms", "heal"), 2),
        (("alarms", "show", "field-nosuch"), 1),
        (("alarms", "--check", "-s", f"ALERT_URLS=nosuch://{SECRET}/"), 2),
        (("crawl", "news", "-a", "url=http://127.0.0.1:9/", "-s", f"ALERT_URLS=dingtalk://x {SECRET}://"), 2),
        (("alarms", "-s", "ALERT_LANGUAGE=fr"), 2),
    ],
)
def test_what_cannot_be_meant_is_told_in_a_line_without_secrets(
    run_scrapy: Run, args: tuple[str, ...], code: int
) -> None:
    done = run_scrapy(*args)
    assert done.returncode == code
    assert SECRET not in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.strip()
