"""The root of the exceptions of newsspider."""

from __future__ import annotations


class NewsspiderError(Exception):
    """An error that newsspider raises on purpose; the message is one line for the user, without credentials."""
