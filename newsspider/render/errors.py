"""Errors of rendering."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.exceptions import (
    DownloadFailedError,
)

if TYPE_CHECKING:
    pass


class RenderError(DownloadFailedError):
    """A page that the browser could not show; the message is one line."""
