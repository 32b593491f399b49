"""Figures for Prometheus at http://METRICS_ADDRESS:METRICS_PORT/metrics: of this process, and from MongoDB of all."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Self

from scrapy import signals
from scrapy.exceptions import NotConfigured

from newsspider.mongo.server.connection import MongoSettings
from newsspider.mongo.shared_figures import SharedFigures

if TYPE_CHECKING:
    from prometheus_client.core import Metric
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

logger = logging.getLogger(__name__)

# stat -> its figure and what it counts; a stat's last part becomes the label where there is one
COUNTERS = (
    ("response_received_count", "newsspider_responses", "answers received", None),
    ("downloader/request_count", "newsspider_requests", "requests sent", None),
    ("retry/count", "newsspider_retries", "requests sent again", None),
    ("leases/lost", "newsspider_leases_lost", "leases that ended before they were renewed", None),
    ("store/spooled", "newsspider_spooled", "articles that went to the spool", None),
)
LABELLED = (
    ("pages/", "newsspider_pages", "pages read, by what they were", "kind"),
    ("articles/", "newsspider_articles", "articles stored, by what the store did", "outcome"),
    ("downloader/response_status_count/", "newsspider_statuses", "answers, by HTTP status", "status"),
    ("failures/", "newsspider_failures", "requests that gave no page, by reason", "reason"),
    ("rejected/given_up/", "newsspider_blocked", "answers that were not the page, by host and reason", "reason"),
)
LATENCIES_S = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics:
    """Serves the figures while a crawl runs; off without METRICS_PORT. With METRICS_BY_SITE answers count by site."""

    def __init__(self, crawler: Crawler) -> None:
        self.port = crawler.settings.getint("METRICS_PORT")
        if not self.port:
            raise NotConfigured
        # not loaded above: it would cost every crawl without a port a tenth of a second
        from prometheus_client import CollectorRegistry, Histogram

        self.address = crawler.settings["METRICS_ADDRESS"]
        self.registry = CollectorRegistry()
        self.latency = Histogram(
            "newsspider_latency_seconds", "time until an answer begins", registry=self.registry, buckets=LATENCIES_S
        )
        self.registry.register(_Figures(crawler))
        self._server: Any = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        metrics = cls(crawler)
        crawler.signals.connect(metrics.spider_opened, signal=signals.spider_opened)
        crawler.signals.connect(metrics.spider_closed, signal=signals.spider_closed)
        crawler.signals.connect(metrics.response_downloaded, signal=signals.response_downloaded)
        return metrics

    def spider_opened(self) -> None:
        from prometheus_client import start_http_server

        try:
            self._server, _ = start_http_server(self.port, self.address, self.registry)
        except OSError as error:
            logger.error("METRICS_PORT: %s:%d cannot be opened (%s): no figures", self.address, self.port, error)

    def spider_closed(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()

    def response_downloaded(self, response: Response, request: Request) -> None:
        if (latency_s := request.meta.get("download_latency")) is not None:
            self.latency.observe(latency_s)


class _Figures:
    """Reads the stats of the crawl, and MongoDB, whenever it is asked; it runs in the server's thread."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._is_by_site = crawler.settings.getbool("METRICS_BY_SITE")
        self._shared = SharedFigures(MongoSettings.of(crawler.settings), crawler.settings["SPOOL_DIR"])

    def describe(self) -> Iterator[Metric]:
        return iter(())

    def collect(self) -> Iterator[Metric]:
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

        stats = dict(self._crawler.stats.get_stats())
        for stat, name, meaning, _ in COUNTERS:
            yield CounterMetricFamily(name, meaning, value=float(stats.get(stat, 0)))
        for prefix, name, meaning, label in LABELLED:
            family = CounterMetricFamily(name, meaning, labels=[label])
            for stat, count in stats.items():
                if str(stat).startswith(prefix) and isinstance(count, int | float):
                    family.add_metric([str(stat).removeprefix(prefix)], float(count))
            yield family
        if self._is_by_site:
            family = CounterMetricFamily("newsspider_host_answers", "answers, by host", labels=["host"])
            for stat, count in stats.items():
                if str(stat).startswith("answers/"):
                    family.add_metric([str(stat).removeprefix("answers/")], float(count))
            yield family
        engine = self._crawler.engine
        scheduler = engine.scheduler if engine is not None else None
        waiting = len(scheduler) if scheduler is not None else 0  # type: ignore[arg-type]
        yield GaugeMetricFamily("newsspider_waiting_requests", "requests in memory", value=float(waiting))
        for name, (meaning, value) in self._shared.read().items():
            yield GaugeMetricFamily(name, meaning, value=value)
