"""What is learnt of a site: read when its turn begins, saved and forgotten when that is over."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime

from newsspider import clock
from newsspider.crawl.crawl_context import CrawlContext
from newsspider.crawl.site_knowledge.url_patterns import UrlPatterns
from newsspider.downloadermiddlewares.fetch_rules import RobotsFailure
from newsspider.frontier.admission import Admission
from newsspider.mongo.crawl_state.frontier import Frontier
from newsspider.urls import registered_domain


class SiteMemory:
    """Moves the knowledge of sites between the crawl and the collection `sites`."""

    def __init__(self, crawl: CrawlContext, frontier: Frontier, admission: Admission) -> None:
        self._crawl = crawl
        self._frontier = frontier
        self._admission = admission

    async def learn(self, site: str) -> None:
        """Read what earlier runs and other workers have learnt of a site, unless it is known."""
        knowledge = self._crawl.knowledge
        if site in knowledge.learnt:
            return
        knowledge.learnt.add(site)
        learnt = await self._frontier.knowledge(site)
        knowledge.patterns.setdefault(site, UrlPatterns()).learn(learnt.shapes)
        knowledge.mirrors.learn(learnt.twins)
        knowledge.usual_pages(site).learn_doubts(learnt.doubts)
        for origin, facts in learnt.robots.items():
            knowledge.robots_failures[origin] = RobotsFailure(**facts)

    async def save(self, sites: Iterable[str] | None = None) -> None:
        """Add what this run has learnt of `sites`, of all sites if that is None."""
        knowledge, now = self._crawl.knowledge, clock.now()
        wanted = set(knowledge.patterns) if sites is None else set(sites)
        await asyncio.gather(*(self._save_patterns(site, now) for site in wanted & set(knowledge.patterns)))
        for site, found in knowledge.mirrors.increments(None if sites is None else wanted).items():
            await self._frontier.learn_twins(site, found, now)
        for site, doubts in knowledge.doubts().items():
            if sites is None or site in wanted:
                await self._frontier.save_doubts(site, doubts, now)

        failures = {
            o: f for o, f in knowledge.new_robots_failures.items() if sites is None or registered_domain(o) in wanted
        }
        for origin in failures:
            del knowledge.new_robots_failures[origin]
        facts = {origin: asdict(failure) if failure else None for origin, failure in failures.items()}
        await self._frontier.save_robots_failures(facts, now)

    async def _save_patterns(self, site: str, now: datetime) -> None:
        sources = {kind: sorted(urls) for kind, urls in self._admission.sources[site].items()}
        await self._frontier.learn(site, self._crawl.knowledge.patterns[site].increments(), sources, now)

    def forget(self, site: str) -> None:
        """Forget a site whose turn is over, so that a process that runs for weeks does not grow."""
        self._crawl.forget(site)
        self._admission.forget(site)
