"""The summary of a crawl and its exit code, from its stats. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from newsspider import clock
from newsspider.messages import N_, _, ngettext
from newsspider.text.zone import BEIJING

Stats = Mapping[str, Any]

FINE, FAILED, WRONG_USE, ALARMED = 0, 1, 2, 3
# finish reason of a run that was ended by Ctrl-C or SIGTERM
STOPPED = "shutdown"
# finish reasons of limits -> what sets them
LIMITS = {
    "max_pages": "MAX_PAGES",
    "max_articles": "MAX_ARTICLES",
    "max_seconds": "MAX_SECONDS",
    "sample": N_("the size of the sample"),
}

# parts of the finish reasons of a failed crawl; a limit reached or a stop by the user is not a failure
FAILED_REASONS = ("unavailable", "unusable", "refused", "failed", "_error", "memusage_exceeded")
LOSSES = {
    "store/spooled": N_("articles wait in the spool: the next crawl or `scrapy articles import spool` stores them"),
    "store/quarantined": N_("articles that MongoDB cannot hold are in the collection quarantine"),
    "store/failed": N_("articles could not be stored"),
    "items/failed": N_("articles were lost to an error in a pipeline"),
    "spider_exceptions/count": N_("pages were lost to an error in page code (see the log)"),
    "import/unreadable": N_("parts of the files could not be imported (see the log)"),
    "archive/failed": N_("articles are stored, but their pages could not be kept (see the log)"),
    "archive/listings_failed": N_("pages that list articles could not be kept (see the log)"),
    "replay/missing": N_("requests are not in the recording"),
    "replay/corrupt": N_("parts of the recording cannot be read"),
    "record/failed": N_("responses could not be recorded"),
    "render/unavailable": N_("pages could not be rendered: the browser does not start"),
}
OUTCOMES = ("new", "changed", "unchanged", "alias")
REJECTED = "rejected/answers/"
REJECTIONS = {
    "blocked": N_("a challenge or a refusal"),
    "outage": N_("a notice of an outage"),
    "empty": N_("a blank page"),
    "unreadable": N_("something that cannot be read"),
    "damaged": N_("a page that was damaged on its way"),
    "misfit": N_("a page that fits neither its link nor the site"),
    "login": N_("a wall: shown only after a login"),
}
REMEDIES = N_("try later, with a longer DOWNLOAD_DELAY")
LEFT_OUT = {
    "listings/cut/": N_("listings not read to the end because a limit was reached: "),
    "listings/empty/": N_("listings without articles: "),
    "more/not_understood/": N_("load-more responses not understood: "),
}
SHELLS = "shells/"
# followed by why a site was not asked
CLOSED = "sites/closed/"
SHOWN_URLS = 5
SUCCESSES_AND_REFUSALS = ("200", "IgnoreRequest", "RefusedError", "RobotsUnreachableError")
NOT_PAGES = ("pages/failed",)


def exit_code(stats: Stats, *, fails_on_alarm: bool = False) -> int:
    """Return 1 if the crawl failed, lost or spooled something, or a replay lacked requests; else 0.

    With `fails_on_alarm` it is 3 instead of 0 if a site of the crawl has an open alarm.
    """
    if failures(stats):
        return FAILED
    return ALARMED if fails_on_alarm and stats.get("alarms/open") else FINE


def failures(stats: Stats) -> list[str]:
    """Return one line per cause of the exit code 1."""
    lines = []
    reason = str(stats.get("finish_reason", "never started"))
    if any(part in reason for part in FAILED_REASONS) or "finish_reason" not in stats:
        lines.append(_("the crawl ended early: {reason}").format(reason=reason))
    lines += [f"{stats[name]} {_(meaning)}" for name, meaning in LOSSES.items() if stats.get(name)]
    lines += [_("not in the recording: {line}").format(line=line) for line in stats.get("replay/missing_requests", ())]
    return lines + (_refused_altogether(stats) or _nothing_reached(stats))


def _nothing_reached(stats: Stats) -> list[str]:
    """Return a line if no page could be read, with the cause; a run that was stopped may not have had the time."""
    if stats.get("finish_reason") == STOPPED:
        return []
    if any(name.startswith(CLOSED) for name in stats) and not _named(stats, "downloader/exception_type_count/"):
        return []
    if not stats.get("scheduler/enqueued") or pages(stats) or stats.get("downloader/response_status_count/304"):
        return []
    forbidden = stats.get("robotstxt/forbidden", 0)
    if forbidden and forbidden >= stats["scheduler/enqueued"]:
        return [_("robots.txt disallows every page requested: nothing was fetched")]
    if lines := unreachable_robots(stats):
        return [_("no page could be read: {line}").format(line=line) for line in lines]
    if stats.get("replay/missing"):
        return []
    causes = [*_named(stats, "downloader/exception_type_count/"), *_named(stats, "downloader/response_status_count/")]
    return [_("no page could be read: {causes}").format(causes=", ".join(causes) or _("no response"))]


def rejected(stats: Stats) -> list[str]:
    """Return one line per host whose answers were not the pages asked for: how many, what they were, what to do."""
    hosts: dict[str, dict[str, int]] = {}
    for name, count in sorted(stats.items(), key=lambda stat: str(stat[0])):
        if name.startswith(REJECTED):
            host, _, reason = name.removeprefix(REJECTED).rpartition("/")
            hosts.setdefault(host, {})[reason] = count
    return [_rejected_by(stats, host, counts) for host, counts in hosts.items()]


def _rejected_by(stats: Stats, host: str, counts: Mapping[str, int]) -> str:
    total = sum(counts.values())
    whats = []
    for reason, count in sorted(counts.items(), key=lambda item: -item[1]):
        prefix = f"rejected/evidence/{host}/{reason}/"
        evidence = next((name.removeprefix(prefix) for name in stats if name.startswith(prefix)), "")
        what = _(REJECTIONS[reason]) if reason in REJECTIONS else reason.replace("_", " ").upper()
        with_what = _("{count} with {what} ({evidence})") if len(counts) > 1 else _("with {what} ({evidence})")
        whats.append(with_what.format(count=count, what=what, evidence=evidence))
    answers = max(stats.get(f"answers/{host}", 0), total)
    return _("{host} answered {total} of {answers} requests {whats}: {remedy}").format(
        host=host, total=total, answers=answers, whats=", ".join(whats), remedy=_remedy(stats, host, counts)
    )


def _remedy(stats: Stats, host: str, reasons: Iterable[str]) -> str:
    if not _is_given_up(stats, host):
        return _("asked once more it gave the pages")
    if not any(reason in ("blocked", "outage") or reason.startswith("http_") for reason in reasons):
        return _("later runs ask again")
    scripts = _(", or RENDER=1, which runs its scripts") if stats.get(f"rejected/scripts/{host}") else ""
    return f"{_(REMEDIES)}{scripts}"


def _is_given_up(stats: Stats, host: str) -> bool:
    """Return True if pages of the host were left for a later run, or the host as such."""
    is_left = any(name.startswith(f"rejected/given_up/{host}/") for name in stats)
    return is_left or bool(stats.get("links/skipped/host_refuses"))


def _refused_altogether(stats: Stats) -> list[str]:
    """Return the lines about refusals where these are why nothing was stored, or why a typed URL was not read."""
    lines = rejected(stats)
    is_seed_refused = any(name.startswith("rejected/seeds/") for name in stats)
    is_nothing_stored = not any(articles(stats)[name] for name in OUTCOMES)
    left = [name for name in stats if name.startswith("rejected/given_up/") and not name.endswith("/login")]
    is_left = left or stats.get("links/skipped/host_refuses")
    return lines if lines and (is_seed_refused or (is_nothing_stored and is_left)) else []


def unreachable_robots(stats: Stats) -> list[str]:
    """Return the line about hosts that were not crawled because their robots.txt could not be read."""
    prefix = "robotstxt/unreachable/"
    hosts = sorted(f"{name.removeprefix(prefix)} ({stats[name]})" for name in stats if name.startswith(prefix))
    if not hosts:
        return []
    more = _(" and {count} more").format(count=len(hosts) - SHOWN_URLS) if len(hosts) > SHOWN_URLS else ""
    shown = ", ".join(hosts[:SHOWN_URLS]) + more
    return [_("robots.txt cannot be read, the URLs stay queued until it can: {shown}").format(shown=shown)]


def _named(stats: Stats, prefix: str) -> list[str]:
    """Return "404 (3x)" per stat under `prefix`, without successes and our own refusals."""
    named = {
        name.removeprefix(prefix).rpartition(".")[2]: count for name, count in stats.items() if name.startswith(prefix)
    }
    return [f"{name} ({count}x)" for name, count in sorted(named.items()) if name not in SUCCESSES_AND_REFUSALS]


def pages(stats: Stats) -> int:
    """Return how many pages were read, of any kind."""
    return sum(int(count) for name, count in stats.items() if name.startswith("pages/") and name not in NOT_PAGES)


def articles(stats: Stats) -> dict[str, int]:
    """Return the counts of new, changed, unchanged and alias articles, and of duplicates among them."""
    counts = {name: stats.get(f"articles/{name}", 0) for name in OUTCOMES}
    return counts | {"duplicate": stats.get("dedupe/duplicate", 0)}


def errors(stats: Stats) -> int:
    """Return how many requests or items ended in an error."""
    names = ("downloader/exception_count", "spider_exceptions/count", "items/failed", "store/failed")
    statuses = (int(count) for name, count in stats.items() if _is_error_status(name))
    return sum(int(stats.get(name, 0)) for name in names) - int(stats.get("robotstxt/forbidden", 0)) + sum(statuses)


def _is_error_status(name: str) -> bool:
    status = name.removeprefix("downloader/response_status_count/")
    return status != name and status[:1] in "45"


def summary(stats: Stats, where: str) -> list[str]:
    """Return the lines at the end of a crawl: what was stored and where, what was left out and why, what failed."""
    counts = articles(stats)
    stored = counts["new"] + counts["changed"]
    dropped = {name.rpartition("/")[2]: count for name, count in stats.items() if name.startswith("validate/dropped/")}
    elapsed = stats.get("elapsed_time_seconds") or 0.0
    requests = request_count(stats)
    if not requests and exit_code(stats) != FINE:
        return [*failures(stats), *stats.get("alarms/lines", ())]
    lines = [
        *stored_lines(stats, where),
        _("{pages} pages, {requests} requests in {elapsed:.1f} s").format(
            pages=pages(stats), requests=requests, elapsed=elapsed
        )
        + (
            _(", {requests:.2f} requests per stored article").format(requests=requests / stored)
            if 2 * counts["new"] > requests
            else ""
        ),
    ]
    if disputed := stats.get("articles/disputed"):
        lines.append(
            _(
                "{disputed} stored articles show something else now: kept as disputed until a second visit agrees"
            ).format(disputed=disputed)
        )
    if withdrawn := stats.get("articles/withdrawn"):
        lines.append(
            _("{withdrawn} articles were withdrawn by their site: marked, their text kept").format(withdrawn=withdrawn)
        )
    if dropped:
        lines.append(_("not stored: ") + ", ".join(f"{count} {name}" for name, count in sorted(dropped.items())))
    is_bare = not stored and not counts["unchanged"] and pages(stats) and not dropped
    if is_bare and not rejected(stats) and not stats.get("frontier/known"):
        lines.append(_("no article was found on these pages"))
    if left := left_out(stats):
        lines.append(left)
    lines += ending(stats, clock.now())
    lines += closed(stats)
    failed = failures(stats)
    unreachable = [line for line in unreachable_robots(stats) if not any(line in other for other in failed)]
    refusals = [line for line in rejected(stats) if line not in failed]
    alarms = [*stats.get("alarms/lines", ())]
    return lines + refusals + scripted(stats) + unreachable + alarms + failed


def ending(stats: Stats, now: datetime) -> list[str]:
    """Return the line on how the crawl ended, what still waits, and when a page is due next; [] for a failure."""
    reason, waiting = str(stats.get("finish_reason")), stats.get("frontier/waiting")
    if reason == STOPPED:
        given_up = stats.get("stopped/requests", 0)
        how = _("stopped by {signal}: {given_up} requests were given up").format(
            signal=stats.get("stopped/signal", _("a signal")), given_up=given_up
        )
    elif reason in LIMITS:
        how = _("stopped at {limit}").format(limit=_(LIMITS[reason]))
    elif reason == "finished" and waiting is not None:
        counts = articles(stats)
        is_up_to_date = not counts["new"] and not counts["changed"] and not waiting and stats.get("frontier/known")
        how = _("up to date: {known} known").format(known=stats["frontier/known"]) if is_up_to_date else _("finished")
    else:
        return []
    if waiting:
        goes_on = _(", the same command goes on") if reason != "finished" else _(", which this run was not asked for")
        return [_("{how}; {waiting} addresses wait{goes_on}").format(how=how, waiting=waiting, goes_on=goes_on)]
    following = stats.get("frontier/next_visit")
    return [
        how + (_(", next look {following}").format(following=_clock(following, now)) if following is not None else "")
    ]


def _clock(moment: datetime, now: datetime) -> str:
    """Return a time for a person, with the date unless that is today's."""
    local = moment.astimezone(BEIJING)
    is_today = local.date() == now.astimezone(BEIJING).date()
    return f"{local:%H:%M} (+08:00)" if is_today else f"{local:%Y-%m-%d %H:%M} (+08:00)"


def closed(stats: Stats) -> list[str]:
    """Return lines about sites that were not asked: paused, retired, in quiet hours, their budget used up."""
    found = {name.removeprefix(CLOSED): count for name, count in stats.items() if name.startswith(CLOSED)}
    lines = [
        _("{words}: {count} not asked for").format(words=words, count=_pages_left(count))
        for words, count in sorted(found.items())[:SHOWN_URLS]
    ]
    if len(found) > SHOWN_URLS:
        lines.append(
            _("and {count} more sites that are closed (scrapy sites list)").format(count=len(found) - SHOWN_URLS)
        )
    return lines


def _pages_left(count: int) -> str:
    return ngettext("{count} page", "{count} pages", count).format(count=count)


def stored_lines(stats: Stats, where: str) -> list[str]:
    """Return the line on how many articles were stored and where."""
    counts = articles(stats)
    removed = (
        _(", {removed} left out that were removed").format(removed=stats["articles/removed"])
        if stats.get("articles/removed")
        else ""
    )
    return [
        _(
            "{new} new, {changed} changed, {unchanged} unchanged articles ({duplicate} copies of "
            "others){removed} in {where}"
        ).format(
            new=counts["new"],
            changed=counts["changed"],
            unchanged=counts["unchanged"],
            duplicate=counts["duplicate"],
            removed=removed,
            where=where,
        )
    ]


def request_count(stats: Stats) -> int:
    """Return how many requests were sent: without those to the browser, with those of its pages."""
    in_browser = stats.get("render/pages", 0) + stats.get("render/failed", 0)
    return int(stats.get("downloader/request_count", 0)) - int(in_browser)


def scripted(stats: Stats) -> list[str]:
    """Return lines about pages that show nothing without their scripts."""
    lines = []
    if rendered := stats.get("render/pages", 0) + stats.get("render/failed", 0):
        failed = _(", {failed} failed").format(failed=stats["render/failed"]) if stats.get("render/failed") else ""
        lines.append(_("{rendered} pages were rendered{failed}").format(rendered=rendered, failed=failed))
    if postponed := stats.get("render/postponed"):
        lines.append(
            _("{postponed} pages wait to be rendered by the next run: RENDER_MAX_PAGES is reached").format(
                postponed=postponed
            )
        )
    if shells := _urls(stats, SHELLS):
        lines.append(
            _("{count} pages show nothing without their scripts (RENDER=1 runs them): {shells}").format(
                count=stats["pages/shell"], shells=shells
            )
        )
    return lines


def _urls(stats: Stats, prefix: str) -> str:
    """Return the first URLs after `prefix` in the names of stats, and how many more there are."""
    urls = sorted(name.removeprefix(prefix) for name in stats if name.startswith(prefix))
    more = _(" and {count} more").format(count=len(urls) - SHOWN_URLS) if len(urls) > SHOWN_URLS else ""
    return ", ".join(urls[:SHOWN_URLS]) + more


def left_out(stats: Stats) -> str:
    """Return one line about listings that were not read to the end; "" if all were."""
    found = ((words, _urls(stats, prefix)) for prefix, words in LEFT_OUT.items())
    return "; ".join(_(words) + urls for words, urls in found if urls)
