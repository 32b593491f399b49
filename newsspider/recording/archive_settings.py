"""The settings of the page archive."""

from __future__ import annotations

from pathlib import Path

from scrapy.settings import BaseSettings

from newsspider.recording.archive_files import ArchiveOptions


def is_archiving(settings: BaseSettings) -> bool:
    """Return True if a crawl keeps pages; a replay has them in its recording."""
    return settings.getbool("PAGE_ARCHIVE") and not settings["REPLAY"]


def archive_options(settings: BaseSettings) -> ArchiveOptions:
    return ArchiveOptions(
        Path(settings["PAGE_ARCHIVE_DIR"]),
        int(settings.getfloat("PAGE_ARCHIVE_FILE_MB") * 1_000_000),
        settings.getint("PAGE_ARCHIVE_DAYS"),
        int(settings.getfloat("PAGE_ARCHIVE_MAX_MB") * 1_000_000),
    )
