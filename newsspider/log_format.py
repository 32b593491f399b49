"""One line for everything that happens to a request or an item; an item's text is never printed."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from scrapy.logformatter import LogFormatter

if TYPE_CHECKING:
    from scrapy import Spider
    from scrapy.http import Response
    from scrapy.logformatter import LogFormatterResult
    from twisted.python.failure import Failure


class OneLineFormatter(LogFormatter):
    """Scrapy's log lines with the item's address in place of the whole item."""

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
