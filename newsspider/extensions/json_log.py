"""Log lines as JSON objects, for what collects the logs of many processes."""

from __future__ import annotations

import logging
import os
import re
import socket
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self

from pythonjsonlogger.json import JsonFormatter
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

    `site` is that of the first URL in the message, and left out where there is none.
    """

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        handler = get_scrapy_root_handler()
        if not crawler.settings.getbool("LOG_JSON") or handler is None:
            raise NotConfigured
        run = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{os.getpid()}"
        worker = f"{socket.gethostname()}:{os.getpid()}"
        handler.setFormatter(SiteFormatter(run=run, worker=worker))
        return cls()


class SiteFormatter(JsonFormatter):
    def __init__(self, **fixed: str) -> None:
        super().__init__(FIELDS, rename_fields=NAMES, static_fields=fixed, json_ensure_ascii=False)

    def add_fields(self, log_record: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]) -> None:
        log_record["time"] = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        super().add_fields(log_record, record, message_dict)
        if found := _URL.search(record.getMessage()):
            log_record["site"] = registered_domain(found[0].rstrip(".:;)"))
