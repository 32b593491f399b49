"""Hours of the day in which a site is not asked."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


class QuietHours:
    """A daily span of local time; it may include midnight."""

    def __init__(self, start: timedelta, end: timedelta, zone: ZoneInfo) -> None:
        self.start, self.end, self.zone = start, end, zone

    def __str__(self) -> str:
        return f"{str(self.start)[:-3]}-{str(self.end)[:-3]} {self.zone.key}"

    @classmethod
    def parse(cls, span: str, zone: str) -> QuietHours | None:
        """Return the hours of "01:00-06:30", None for an empty setting; ValueError for anything else."""
        if not span:
            return None
        try:
            start, end = (datetime.strptime(part.strip(), "%H:%M") for part in span.split("-"))  # noqa: DTZ007
        except ValueError:
            raise ValueError(f"QUIET_HOURS: {span!r} is not a span of time (expected: 01:00-06:30)") from None
        midnight = datetime.strptime("00:00", "%H:%M")  # noqa: DTZ007
        try:
            return cls(start - midnight, end - midnight, ZoneInfo(zone))
        except (ValueError, ZoneInfoNotFoundError):
            raise ValueError(f"QUIET_HOURS_TIME_ZONE: {zone!r} is not a time zone (expected: Asia/Shanghai)") from None

    def contains(self, moment: datetime) -> bool:
        """Return True if `moment` (aware) is within the hours."""
        local = moment.astimezone(self.zone)
        time_of_day = timedelta(hours=local.hour, minutes=local.minute, seconds=local.second)
        if self.start <= self.end:
            return self.start <= time_of_day < self.end
        return time_of_day >= self.start or time_of_day < self.end

    def end_after(self, moment: datetime) -> datetime:
        """Return when the hours that contain `moment` are over, in their zone."""
        local = moment.astimezone(self.zone)
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
        end = midnight + self.end
        return end if end > local else end + timedelta(days=1)
