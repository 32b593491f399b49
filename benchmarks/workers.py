"""Several processes on one set of sites: requests, delays, kills, freezes, memory, claims. Prints tables.

    python benchmarks/workers.py [undisturbed] [kills] [frozen] [claims] [growth] [stays] [--kills N]

Sites are invented and served on 127.0.1.N by a process that notes each request; MongoDB is a private one-node replica
set in a temporary folder. Times on a machine with other work to do mean little: compare the rows of one run.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from pymongo import AsyncMongoClient, MongoClient

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.many.crawls import Place, articles, gaps, most_at_once, shares, stored, twice, worker  # noqa: E402
from benchmarks.many.sites import ManySites, Plan, many_sites  # noqa: E402
from newsspider.mongo.crawl_state.frontier import Frontier  # noqa: E402
from newsspider.mongo.crawl_state.site_leases import SiteLeases  # noqa: E402
from newsspider.mongo.server.local_server import LocalServer  # noqa: E402
from newsspider.mongo.server.retry import Retry  # noqa: E402

PLAN = Plan(sites=40, articles=25, pairs=5, delay_s=0.02)
SMALL = Plan(sites=16, articles=12, pairs=3, delay_s=0.02)
DELAY_S = 0.5
LEASE_S = 10
PATIENCE_S = 900
MANY_SITES, MANY_PAGES = 1000, 1_000_000
ROUND_S = 180


def main() -> None:
    parts: dict[str, Callable[[Path, str], None]] = {
        "undisturbed": undisturbed,
        "kills": kills,
        "frozen": frozen,
        "claims": claims,
        "growth": growth,
        "stays": stays,
    }
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", choices=[[], *parts], default=[], help="which parts, all unless given")
    parser.add_argument("--kills", type=int, default=20, help="how many moments of a kill (20)")
    parser.add_argument("--pages", type=int, default=MANY_PAGES, help="how many pages are due in `growth` (1,000,000)")
    parser.add_argument("--small", action="store_true", help="16 sites of 12 articles instead of 40 of 25")
    options = parser.parse_args()
    if options.small:
        global PLAN
        PLAN = SMALL
    chosen = options.parts or list(parts)
    parts["kills"] = partial(kills, moments=options.kills)
    parts["growth"] = partial(growth, pages=options.pages)
    with tempfile.TemporaryDirectory() as folder:
        server = LocalServer.start(Path(folder) / "mongo")
        try:
            for name in chosen:
                print(f"\n## {name}\n", flush=True)
                parts[name](Path(folder) / name, server.uri)
        finally:
            server.release()


def row(*cells: object) -> None:
    print(
        "| " + " | ".join(f"{cell:.2f}" if isinstance(cell, float) else str(cell) for cell in cells) + " |", flush=True
    )


def header(*names: str) -> None:
    row(*names)
    row(*["---"] * len(names))


def settings(**more: Any) -> dict[str, Any]:
    return {"DOWNLOAD_DELAY": DELAY_S, "LEASE_S": LEASE_S, **more}


def cpu_s(processes: Sequence[subprocess.Popen[bytes]]) -> float:
    """Wait for processes to end, and return the CPU seconds of all of them."""
    total = 0.0
    for process in processes:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        total += used.ru_utime + used.ru_stime
    return total


def wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("the crawl does not get on")
        time.sleep(0.05)


def undisturbed(folder: Path, uri: str) -> None:
    """1, 2 and 4 processes with one list of URLs."""
    header("processes", "requests per article", "gap p5", "gap p50", "at once", "articles", "revisions", "queued",
           "shares", "CPU s", "span s")  # fmt: skip
    with many_sites(PLAN) as sites:
        for count in (1, 2, 4):
            sites.forget()
            place = Place(uri, f"undisturbed_{count}", folder / str(count))
            began_at = time.monotonic()
            names = [f"worker-{number}" for number in range(count)]
            cpu = cpu_s([worker(place, name, [f"url={sites.urls}"], settings()) for name in names])
            log, found = sites.log(), stored(place)
            per_article = articles(log) / (PLAN.sites * PLAN.articles)
            shown = "/".join(str(shares(log)[name]) for name in names)
            row(count, per_article, *gaps(log), most_at_once(log), len(found.articles), found.revisions, found.queued,
                shown, cpu, time.monotonic() - began_at)  # fmt: skip


def kills(folder: Path, uri: str, moments: int = 20) -> None:
    """One of 1, 2 or 4 processes killed; where it was the only one, the same command again."""
    header("processes", "killed after", "requests per article", "twice", "articles", "stories of two", "queued",
           "first request of another on its sites after s (max)")  # fmt: skip
    with many_sites(PLAN) as sites:
        for moment in range(moments):
            sites.forget()
            count = (1, 2, 4)[moment % 3]
            place = Place(uri, f"kill_{moment}", folder / str(moment))
            limit = 1 + (PLAN.sites * PLAN.articles * moment) // moments
            quick = settings(DOWNLOAD_DELAY=0.2)
            processes = [worker(place, f"worker-{n}", [f"url={sites.urls}"], quick) for n in range(count)]
            wait_for(lambda limit=limit: sites.count() >= limit)  # type: ignore[misc]
            with MongoClient[dict[str, Any]](uri) as client:
                pid = processes[0].pid
                held = {host["_id"] for host in client[place.database]["hosts"].find({"owner": {"$regex": f":{pid}:"}})}
            killed_at = time.monotonic()
            processes[0].kill()
            processes[0].wait()
            if count == 1:
                processes.append(worker(place, "worker-again", [f"url={sites.urls}"], quick))
            cpu_s(processes[1:])
            log, found = sites.log(), stored(place)
            firsts = {entry.host: entry.at - killed_at for entry in reversed(log)
                      if entry.at > killed_at and entry.host in held and entry.worker != "worker-0"}  # fmt: skip
            pairs = sum(len(story) == 2 for story in found.stories)
            row(count, limit, articles(log) / (PLAN.sites * PLAN.articles), twice(log), len(found.articles), pairs,
                found.queued, max(firsts.values(), default=0.0))  # fmt: skip


def frozen(folder: Path, uri: str) -> None:
    """One of two processes stopped for three leases' time, which is also how a lost machine looks to the others."""
    header("requests per article", "twice", "gap p5", "articles", "queued", "taken over after s (max)")
    with many_sites(PLAN) as sites:
        for number in range(2):
            sites.forget()
            place = Place(uri, f"frozen_{number}", folder / str(number))
            quick = settings(DOWNLOAD_DELAY=0.5)
            processes = [worker(place, f"worker-{n}", [f"url={sites.urls}"], quick) for n in range(2)]
            wait_for(lambda: sites.count() >= PLAN.sites * PLAN.articles // 3)
            with MongoClient[dict[str, Any]](uri) as client:
                hosts = client[place.database]["hosts"]
                held = {host["_id"] for host in hosts.find({"owner": {"$regex": f":{processes[0].pid}:"}})}
                processes[0].send_signal(signal.SIGSTOP)
                frozen_at, taken = time.monotonic(), dict[str, float]()
                while time.monotonic() - frozen_at < 3 * LEASE_S:
                    ours = {"_id": {"$in": list(held)}, "owner": {"$regex": f":{processes[1].pid}:"}}
                    for host in hosts.find(ours):
                        taken.setdefault(host["_id"], time.monotonic() - frozen_at)
                    time.sleep(0.05)
            processes[0].send_signal(signal.SIGCONT)
            cpu_s(processes)
            log, found = sites.log(), stored(place)
            row(articles(log) / (PLAN.sites * PLAN.articles), twice(log), gaps(log)[0], len(found.articles),
                found.queued, max(taken.values(), default=0.0))  # fmt: skip


def claims(folder: Path, uri: str, seconds: float = 6.0) -> None:
    """How many sites of 20,000 several tasks claim in a second; first how often a bare findOneAndUpdate takes one."""
    header("tasks", "sites at once", "claims/s", "p99 ms", "claimed twice")
    for tasks, most in ((1, 0), (4, 0), (16, 0), (1, 1), (1, 20), (4, 20), (16, 20)):
        row(tasks, most or "bare", *asyncio.run(_claims(uri, f"claims_{tasks}_{most}", tasks, most, seconds)))


async def _claims(uri: str, database: str, tasks: int, most: int, seconds: float) -> tuple[float, float, int]:
    async with AsyncMongoClient[dict[str, Any]](uri, tz_aware=True, w="majority", journal=True) as client:
        hosts, now = client[database]["hosts"], datetime.now(UTC)
        await hosts.insert_many([{"_id": f"site{n}.example", "due": now - timedelta(seconds=n)} for n in range(20_000)])
        leases = [SiteLeases(client[database], f"worker-{task}", 600, Retry(10)) for task in range(tasks)]
        await leases[0].ensure_indexes()
        claimed: list[str] = []
        waits: list[float] = []
        deadline = time.monotonic() + seconds

        async def claim(own: SiteLeases) -> list[str]:
            if most:
                return [lease.site for lease in await own.claim(None, most=most)]
            changes = {"$set": {"due": now + timedelta(days=1), "owner": own.worker}}
            found = await hosts.find_one_and_update({"due": {"$lte": now}}, changes, sort=[("due", 1)])
            return [found["_id"]] if found else []

        async def go_on(own: SiteLeases) -> None:
            while (began_at := time.monotonic()) < deadline and (sites := await claim(own)):
                claimed.extend(sites)
                waits.append(time.monotonic() - began_at)

        began_at = time.monotonic()
        await asyncio.gather(*map(go_on, leases))
        rate = len(claimed) / (time.monotonic() - began_at)
        return rate, 1000 * statistics.quantiles(waits, n=100)[-1], len(claimed) - len(set(claimed))


def growth(folder: Path, uri: str, pages: int = MANY_PAGES) -> None:
    """1,000 sites with 10^6 pages due: what is due, memory, first request, and how many sites are served."""
    plan = Plan(sites=MANY_SITES, articles=pages // MANY_SITES)
    with many_sites(plan) as sites:
        place = Place(uri, "growth", folder)
        asyncio.run(_fill(place, sites))
        header("what", "value")
        for name, value in asyncio.run(_due(place)).items():
            row(name, value)
        sites.forget()
        began_at = time.monotonic()
        processes = [worker(place, f"worker-{n}", ["due=1", "forever=1"], settings(LEASE_S=60)) for n in range(2)]
        most_kb = 0
        while time.monotonic() - began_at < 180:
            most_kb = max(most_kb, *(resident_kb(process.pid) for process in processes))
            time.sleep(0.5)
        for process in processes:
            process.send_signal(signal.SIGTERM)
        cpu_s(processes)
        log = sites.log()
        served: dict[str, float] = {}
        for entry in log:
            served.setdefault(entry.host, entry.at - began_at)
        row("first request after s", min(served.values()))
        for seconds in (60, 120, 180):
            row(f"sites served within {seconds} s", sum(at <= seconds for at in served.values()))
        row("requests in 180 s", len(log))
        row("most memory of a process, MB", most_kb / 1024)


def resident_kb(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text("ascii").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmRSS")), 0)


async def _fill(place: Place, sites: ManySites) -> None:
    """Put pages in as a crawl of yesterday left them: front pages and articles that are due again."""
    async with AsyncMongoClient[dict[str, Any]](place.uri, tz_aware=True) as client:
        frontier = Frontier(client[place.database], run="filled", retry=Retry(60))
        await frontier.ensure_indexes()
        pages, yesterday = client[place.database]["pages"], datetime.now(UTC) - timedelta(days=1)
        for site in range(sites.plan.sites):
            front = sites.url(site)
            host = sites.plan.host(site)
            common = {"site": host, "state": "done", "failures": 0, "visits": 1, "last_fetch": yesterday}
            batch = [{**common, "_id": f"{host}:{sites.port}", "url": front, "kind": "seed", "seed": True,
                      "meta": {"kind": "seed"}, "priority": 100_000, "next_visit": yesterday}]  # fmt: skip
            for number in range(sites.plan.articles - 1):
                url = f"{front}2026/1122/{number}.html"
                due = yesterday + timedelta(seconds=random.randint(1, 80_000))
                batch.append({**common, "_id": url.removeprefix("http://"), "url": url, "kind": "article",
                              "meta": {"kind": "article", "parent": front, "headline": "河口水库修缮" * 4},
                              "priority": 60_000, "next_visit": due, "stored": True})  # fmt: skip
            await pages.insert_many(batch, ordered=False)


async def _due(place: Place) -> dict[str, float]:
    """Return milliseconds: which sites are due, and a batch of what is due and queued of each of 50."""
    async with AsyncMongoClient[dict[str, Any]](place.uri, tz_aware=True) as client:
        database = client[place.database]
        frontier, now = Frontier(database, run="asks", retry=Retry(60)), datetime.now(UTC)
        leases = SiteLeases(database, "asks", 60, Retry(60))
        await leases.ensure_indexes()
        began_at = time.perf_counter()
        await leases.offer_due()
        first_ms = 1000 * (time.perf_counter() - began_at)
        began_at = time.perf_counter()
        found = await leases._soonest()
        soonest_ms = 1000 * (time.perf_counter() - began_at)
        began_at = time.perf_counter()
        ahead, _ = await leases.ahead()
        ahead_ms = 1000 * (time.perf_counter() - began_at)
        sites = sorted(ahead)[:50]
        began_at = time.perf_counter()
        for site in sites:
            async for _ in frontier.due(now, [site]):
                break
            async for _ in frontier.queued([site], ripe_at=now):
                break
        batch_ms = 1000 * (time.perf_counter() - began_at) / len(sites)
        return {
            "making all sites known the first time, ms": first_ms,
            f"looking for sites whose pages are due and that are not ({len(found)}), ms": soonest_ms,
            f"which sites are due ({len(ahead)}), ms": ahead_ms,
            "a batch of one site, ms": batch_ms,
        }


def stays(folder: Path, uri: str, seconds: float = 240.0) -> None:
    """A process that stays over 200 sites whose listings are due again every few seconds: its memory over time."""
    plan = Plan(sites=200, articles=6)
    header("after s", "requests", "memory MB")
    with many_sites(plan) as sites:
        place = Place(uri, "stays", folder)
        quick = settings(DOWNLOAD_DELAY=0, REVISIT_LISTING_S=1)
        cpu_s([worker(place, "first", [f"url={sites.urls}"], quick)])
        sites.forget()
        process = worker(place, "stays", ["due=1", "forever=1"], quick)
        pages = MongoClient[dict[str, Any]](uri)[place.database]
        for step in range(8):
            time.sleep(seconds / 8)
            now = datetime.now(UTC)
            pages["pages"].update_many({"kind": {"$in": ["seed", "listing"]}}, {"$set": {"next_visit": now}})
            pages["hosts"].update_many({"owner": {"$exists": False}}, {"$set": {"due": now}})
            row((step + 1) * seconds / 8, sites.count(), resident_kb(process.pid) / 1024)
        process.send_signal(signal.SIGTERM)
        cpu_s([process])


if __name__ == "__main__":
    main()
