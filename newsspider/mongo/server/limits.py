"""A time limit for what is asked of MongoDB, on both sides of the wire."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pymongo


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Let all operations inside take `seconds` together: MongoDB gives up by then (maxTimeMS), and so does the driver.

    Raises PyMongoError with its attribute `timeout` set.
    """
    with pymongo.timeout(seconds):
        yield
