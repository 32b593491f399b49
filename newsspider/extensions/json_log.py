"""Log lines as JSON objects, for what collects the logs of many processes."""

from __future__ import annotations

import logging
import os
import re
import socket
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self

from pythonjsonlogger.json import JsonFormatter
from scrapy import signals
from scrapy.exceptions import NotConfigured
from scrapy.utils.log import get_scrapy_root_handler

from newsspider.urls import registered_domain

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

FIELDS = "%(levelname)s %(name)s %(message)s"
NAMES = {"levelname": "level", "name": "logger"}
_URL = re.compile(r"https?://[^\s,'\"<>]+")


class JsonLog:
    """With LOG_JSON the handler of the log writes time (UTC), level, logger, message, run, worker, and site.

    It does so from the opening of the spider on. `site` is that of the first URL in the message, if there is one.
    """

    def __init__(self) -> None:
        run = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{os.getpid()}"
        self._formatter = SiteFormatter(run=run, worker=f"{socket.gethostname()}:{os.getpid()}")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        if not crawler.settings.getbool("LOG_JSON"):
            raise NotConfigured
        log = cls()
        log.format()
        # Scrapy makes its handler anew while it starts
        crawler.signals.connect(log.format, signal=signals.spider_opened)
        return log

    def format(self) -> None:
        """Have the handler of the log write JSON."""
        if (handler := get_scrapy_root_handler()) is not None:
            handler.setFormatter(self._formatter)


class SiteFormatter(JsonFormatter):
    def __init__(self, **fixed: str) -> None:
        super().__init__(FIELDS, rename_fields=NAMES, static_fields=fixed, json_ensure_ascii=False)

    def add_fields(self, log_record: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]) -> None:
        log_record["time"] = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        super().add_fields(log_record, record, message_dict)
        if found := _URL.search(record.getMessage()):
            log_record["site"] = registered_domain(found[0].rstrip(".:;)"))
