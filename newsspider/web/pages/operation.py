"""How the crawls fare: sites, runs, alarms, workers."""

from __future__ import annotations

from typing import Any, Final

from newsspider.alarms.wording import Wording
from newsspider.cli.sites.listing import as_json, chosen, ordered
from newsspider.mongo.crawl_state.site_records import day_counts, known_of, overview, page_counts
from newsspider.mongo.crawl_state.sites import site_facts
from newsspider.mongo.crawl_state.workers import known_workers, worker_rows
from newsspider.mongo.operations import alarms_before, run_of, runs_before
from newsspider.sites.control import STATES
from newsspider.urls import registered_domain
from newsspider.web.answers import Answer
from newsspider.web.asking import NotThereError, Question
from newsspider.web.pages.spans import chosen_site

PAGE: Final = 50
MOST_SITES: Final = 200
SORTS: Final = ("site", "articles", "last-new", "next-due", "failures", "alarm")
SHOWN_DAYS: Final = 30
# URL patterns of a site that are shown, those with most pages first
SHOWN_PATTERNS: Final = 30


def sites_page(question: Question) -> Answer:
    """Return a row per site; ?state=, ?sort=, ?after= (a number of rows)."""
    state = question.one_of("state", (*STATES, "all"), "")
    sort = question.one_of("sort", SORTS, "site")
    start = question.number("after", 0, 0, 10_000_000)
    rows = overview(question.archive.database, question.now)
    found = ordered(chosen(rows, [state] if state else [], [], question.now), sort)
    page = found[start : start + MOST_SITES]
    more = start + MOST_SITES if len(found) > start + MOST_SITES else None
    next_link = question.link("/sites", state=state, sort=sort, after=more) if more else None
    values = {
        "rows": [{**row, "state": row["control"].state_at(question.now)} for row in page],
        "total": len(found),
        "sort": sort,
        "sorts": SORTS,
        "state": state,
        "states": (*STATES, "all"),
        "next_link": next_link,
    }
    items = [as_json(row, question.now) for row in page]
    return Answer("sites.html", values, {"total": len(found), "items": items, "next": _json_link(next_link)})


def _json_link(link: str | None) -> str | None:
    if link is None:
        return None
    path, _, query = link.partition("?")
    return f"{path}.json?{query}"


def site_page(question: Question) -> Answer:
    """Return what is known of a site: its days, its pages, the patterns of its URLs."""
    name = question.names["name"]
    site = registered_domain(name)[:300]
    database = question.archive.database
    if "\0" in name or not known_of(database, [site]):
        raise NotThereError("")
    row = overview(database, question.now, [site])[0]
    days = day_counts(database, site, SHOWN_DAYS)
    facts = site_facts(database, site)
    patterns = sorted(facts["shapes"].items(), key=lambda one: -_size(one[1]))[:SHOWN_PATTERNS]
    alarms = alarms_before(database, None, PAGE, site=site, is_open=False)
    values = {
        "site": site,
        "row": row,
        "state": row["control"].state_at(question.now),
        "days": days,
        "pages": page_counts(database, site),
        "patterns": patterns,
        "facts": facts,
        "alarms": _alarm_rows(question, alarms),
        "runs": runs_before(database, None, 10, site),
    }
    document = {**as_json(row, question.now), "days": days, "patterns": dict(patterns), "pages": values["pages"]}
    return Answer("site.html", values, document)


def _size(counters: Any) -> int:
    return sum(value for value in counters.values() if isinstance(value, int))


def runs_page(question: Question) -> Answer:
    """Return the last crawls; ?before= goes on, ?site= those that met its articles."""
    site = chosen_site(question)
    runs = runs_before(question.archive.database, question.moment("before"), PAGE + 1, site)
    shown = runs[:PAGE]
    more = shown[-1]["started_at"].isoformat() if len(runs) > PAGE else None
    next_link = question.link("/runs", site=site, before=more) if more else None
    values = {"runs": shown, "site": site, "next_link": next_link}
    return Answer("runs.html", values, {"items": [_run_document(run) for run in shown], "next": _json_link(next_link)})


def _run_document(run: Any) -> dict[str, Any]:
    return {"id": run["_id"], **{name: value for name, value in run.items() if name != "_id"}}


def run_page(question: Question) -> Answer:
    """Return one crawl: its arguments, counts, coverage of the fields by site."""
    name = question.names["name"]
    run = run_of(question.archive.database, name) if len(name) <= 200 else None
    if run is None:
        raise NotThereError("")
    return Answer("run.html", {"run": run}, _run_document(run))


def alarms_page(question: Question) -> Answer:
    """Return open alarms, all with ?all=1; ?site=, ?before=."""
    is_all, site = question.flag("all"), chosen_site(question)
    before = question.moment("before")
    found = alarms_before(question.archive.database, before, PAGE + 1, site=site, is_open=not is_all)
    shown = found[:PAGE]
    more = shown[-1].raised_at.isoformat() if len(found) > PAGE else None
    next_link = question.link("/alarms", all="1" if is_all else None, site=site, before=more) if more else None
    values = {"alarms": _alarm_rows(question, shown), "is_all": is_all, "site": site, "next_link": next_link}
    items = [{"id": document.pop("_id"), **document} for document in (alarm.to_document() for alarm in shown)]
    return Answer("alarms.html", values, {"items": items, "next": _json_link(next_link)})


def _alarm_rows(question: Question, alarms: list[Any]) -> list[dict[str, Any]]:
    wording = Wording(question.language)
    return [{"alarm": alarm, "what": wording.what(alarm)} for alarm in alarms]


def workers_page(question: Question) -> Answer:
    """Return the processes that crawl."""
    lease_s = float(question.settings["LEASE_S"])
    workers, now = known_workers(question.archive.database)
    rows = worker_rows(workers, now, lease_s)
    return Answer("workers.html", {"rows": rows}, {"items": rows})
