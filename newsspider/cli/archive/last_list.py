"""The list that was shown last, so that a number of it names an article: `scrapy articles show 3`."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

from newsspider.cli.whole_file import write_whole
from newsspider.messages import _
from newsspider.mongo.archive import ArchiveError

FILE_NAME = "last-list.json"
NUMBER = re.compile(r"[1-9]\d{0,2}\Z")
MAX_NUMBERED = 999


def remember(folder: Path, keys: Sequence[str]) -> bool:
    """Keep the ids that were shown, in their order; return False where they cannot be written."""
    text = json.dumps(list(keys[:MAX_NUMBERED]))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(folder / FILE_NAME, lambda draft: draft.write_text(text, "utf-8"))
    except OSError:
        return False
    return True


def key_of(folder: Path, name: str) -> str:
    """Return the id that a number of the last list stands for; any other name as it is.

    Raises ArchiveError for a number without an article.
    """
    if not NUMBER.match(name):
        return name
    try:
        keys = json.loads((folder / FILE_NAME).read_text("utf-8"))
    except (OSError, ValueError):
        keys = []
    if not isinstance(keys, list) or int(name) > len(keys):
        raise ArchiveError(
            _("no article {name}: the last list had {count} (`scrapy articles list`)").format(
                name=name, count=len(keys)
            )
        )
    return str(keys[int(name) - 1])
