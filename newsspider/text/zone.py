"""The time zone of Chinese news: China Standard Time."""

from __future__ import annotations

from datetime import timedelta, timezone
from typing import Final

# UTC+8 for every year. The summer time of 1986 to 1991 is left out: pages do not say whether they counted it.
BEIJING: Final = timezone(timedelta(hours=8))
