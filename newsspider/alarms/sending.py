"""Alarms on their way to people, by the services that ALERT_URLS names; nothing is sent to anybody else."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from typing import Any, Final

logger = logging.getLogger(__name__)

# what a secret could be printed by: these name the URL they ask for
_LIBRARIES: Final = ("apprise", "urllib3", "requests", "requests_oauthlib")

# names that are no secret; there are more services than these
SERVICES: Final = (
    *("dingtalk", "feishu", "lark", "wecombot", "wxpusher", "pushplus", "serverchan", "mailto", "mailtos"),
    *("slack", "tgram", "discord", "msteams", "matrix", "ntfy", "gotify", "json", "jsons", "xml", "form", "forms"),
)


class AlertUrlError(ValueError):
    """A URL that names no service; the message does not hold it."""


class Sender:
    """Sends to all of `urls` (see https://appriseit.com for their forms). Raises AlertUrlError."""

    def __init__(self, urls: Sequence[str]) -> None:
        import apprise  # loading it takes a third of a second, and only a run with news sends

        for name in _LIBRARIES:
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
        asset = apprise.AppriseAsset(
            app_id="newsspider", app_desc="newsspider", app_url="", image_url_mask="", image_url_logo=""
        )
        self._services: list[tuple[str, Any]] = []
        for number, url in enumerate(urls, 1):
            service = apprise.Apprise.instantiate(url, asset=asset, suppress_exceptions=True)
            if service is None:
                raise AlertUrlError(f"entry {number} ({_scheme(url)}) names no service, or lacks a part")
            self._services.append((f"entry {number} ({_scheme(url)})", service))

    def send(self, title: str, text: str) -> bool:
        """Return True if every service took the message; those that did not are logged, without their URL."""
        failed = [name for name, service in self._services if not self._is_taken(service, title, text)]
        for name in failed:
            logger.warning("ALERT_URLS, %s: the message was not taken", name)
        return not failed

    def _is_taken(self, service: Any, title: str, text: str) -> bool:
        from apprise import NotifyFormat, NotifyType

        try:
            taken = service.notify(
                body=text, title=title, notify_type=NotifyType.WARNING, body_format=NotifyFormat.TEXT
            )
            return bool(taken)
        except (OSError, TypeError, ValueError) as error:
            logger.debug("not sent: %s", type(error).__name__)
            return False


def split_urls(setting: object) -> list[str]:
    """Return the URLs of ALERT_URLS: a list, or text that separates them by white space or by ", "."""
    if isinstance(setting, list | tuple):
        parts = list(map(str, setting))
    else:
        parts = re.split(r"\s+|,(?=\s*[a-z][a-z0-9+]*://)", str(setting or ""))
    return [url.strip(" ,") for url in parts if url.strip(" ,")]


def alert_problem(urls: object) -> str | None:
    """Return what is wrong with ALERT_URLS, None where nothing is. The answer does not hold the URL."""
    found = split_urls(urls)
    if not found:
        return None
    try:
        Sender(found)
    except AlertUrlError as error:
        return str(error)
    return None


def _scheme(url: str) -> str:
    """Return the name of a service: of its URL only that may be printed, and only where it is one."""
    name = url.partition("://")[0]
    return name if name in SERVICES else "?"
