"""One line for everything that happens to a request or an item; an item's text is never printed."""

from __future__ import annotations

import logging
from functools import cache
from typing import TYPE_CHECKING, Any

from scrapy.logformatter import LogFormatter
from twisted.logger import globalLogBeginner

if TYPE_CHECKING:
    from scrapy import Spider
    from scrapy.http import Response
    from scrapy.logformatter import LogFormatterResult
    from twisted.python.failure import Failure


SAID_BY_THE_SPIDER = ("scrapy.downloadermiddlewares.httpcompression", "scrapy.core.downloader.handlers")


@cache
def say_it_once() -> None:
    """Leave failed downloads to the spider's one line; Twisted's own errors get one line each and no traceback."""
    for name in SAID_BY_THE_SPIDER:
        logging.getLogger(name).setLevel(logging.ERROR)
    logging.getLogger("twisted").addFilter(_FirstLine())
    globalLogBeginner.beginLoggingTo([], discardBuffer=True, redirectStandardIO=False)


class _FirstLine(logging.Filter):
    """Cuts what Twisted logs of its own to its first line; what it says of certificates the spider says itself."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.exc_info = None
        record.msg, record.args = record.getMessage().split("\n", 1)[0], ()
        return not record.msg.startswith("while verifying certificate")


class OneLineFormatter(LogFormatter):
    """Scrapy's log lines with the item's address in place of the whole item."""

    def __init__(self) -> None:
        say_it_once()

    def scraped(self, item: Any, response: Response | Failure | None, spider: Spider) -> LogFormatterResult:
        return {"level": logging.DEBUG, "msg": "article %(url)s", "args": {"url": _address(item)}}

    def dropped(
        self, item: Any, exception: BaseException, response: Response | Failure | None, spider: Spider
    ) -> LogFormatterResult:
        line = super().dropped(item, exception, response, spider)
        return {"level": line["level"], "msg": "dropped: %(exception)s", "args": {"exception": exception}}

    def item_error(
        self, item: Any, exception: BaseException, response: Response | Failure | None, spider: Spider
    ) -> LogFormatterResult:
        return {
            "level": logging.ERROR,
            "msg": "error in a pipeline with %(url)s: %(exception)s",
            "args": {"url": _address(item), "exception": exception},
        }


def _address(item: Any) -> str:
    return getattr(item, "url", None) or type(item).__name__
