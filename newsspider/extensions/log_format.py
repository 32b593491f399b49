"""Log lines: one per event of a request or an item, without the item's text."""

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


LOGGED_BY_THE_SPIDER = ("scrapy.downloadermiddlewares.httpcompression", "scrapy.core.downloader.handlers")


@cache
def quiet_library_loggers() -> None:
    """Silence what libraries log of failed downloads: the spider logs it. Twisted's errors get one line each."""
    for name in LOGGED_BY_THE_SPIDER:
        logging.getLogger(name).setLevel(logging.ERROR)
    logging.getLogger("twisted").addFilter(_FirstLine())
    globalLogBeginner.beginLoggingTo([], discardBuffer=True, redirectStandardIO=False)


class _FirstLine(logging.Filter):
    """Cuts Twisted's own records to their first line, and drops those of certificates: the spider logs them."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.exc_info = None
        record.msg, record.args = record.getMessage().split("\n", 1)[0], ()
        return not record.msg.startswith("while verifying certificate")


class OneLineFormatter(LogFormatter):
    """Scrapy's log lines with the item's URL instead of the whole item."""

    def __init__(self) -> None:
        quiet_library_loggers()

    def scraped(self, item: Any, response: Response | Failure | None, spider: Spider) -> LogFormatterResult:
        return {"level": logging.DEBUG, "msg": "article %(url)s", "args": {"url": _url(item)}}

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
            "msg": "error in a pipeline: %(url)s: %(exception)s",
            "args": {"url": _url(item), "exception": exception},
        }


def _url(item: Any) -> str:
    return getattr(item, "url", None) or type(item).__name__
