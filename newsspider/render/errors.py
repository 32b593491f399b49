"""Errors of rendering."""

from __future__ import annotations

from scrapy.exceptions import DownloadFailedError

from newsspider.errors import NewsspiderError


class RenderError(NewsspiderError, DownloadFailedError):
    """A page that the browser could not show; the message is one line."""
