"""Operations of the crawl state that wait out an outage of MongoDB."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from pymongo.errors import PyMongoError

from newsspider.mongo.server.errors import MongoUnavailableError, one_line
from newsspider.mongo.server.retry import Retry

Result = TypeVar("Result")


class FrontierUnavailableError(MongoUnavailableError):
    """The crawl state could not be read or written for as long as the crawl is willing to wait."""


async def once(operation: Callable[[], Awaitable[Result]]) -> Result:
    """Return the result of `operation`; FrontierUnavailableError at once where MongoDB does not answer."""
    try:
        return await operation()
    except PyMongoError as error:
        raise FrontierUnavailableError(f"MongoDB, crawl state: {one_line(error)}") from error


async def persistently(retry: Retry, operation: Callable[[], Awaitable[Result]]) -> Result:
    """Return the result of `operation`, repeated through an outage; FrontierUnavailableError after a long one."""
    try:
        return await retry.run(operation)
    except PyMongoError as error:
        raise FrontierUnavailableError(f"MongoDB, crawl state: {one_line(error)}") from error
