"""`-s RENDER=1`: pages that show nothing without their scripts are rendered in Chromium, all others only fetched.

The browser has no network of its own. Whatever its pages ask for is fetched by the crawler's downloader, under the
rules that links are under, and handed to them: see newsspider.render.gate. Nothing here imports Playwright, so a crawl
without RENDER needs and loads none of it.
"""

from __future__ import annotations

import importlib
import os
import shutil
import sys
from typing import TYPE_CHECKING, Any

from newsspider.render.meta import RENDER_SLOT, is_rendering

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
HANDLER = "newsspider.render.handler.RenderHandler"

# No name resolves, no URL is connected to but by a proxy whose name does not resolve either; no UDP.
NO_NETWORK = (
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--proxy-server=http://none.invalid:9",
    "--proxy-bypass-list=<-loopback>",
    "--disable-quic",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
)
QUIET = (
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-sync",
    "--deny-permission-prompts",
    "--no-default-browser-check",
    "--no-first-run",
    "--no-pings",
    "--js-flags=--max-old-space-size=512",
)


class RenderAddon:
    """Turn the setting RENDER into a download handler; a replay has its pages rendered already."""

    @classmethod
    def update_pre_crawler_settings(cls, settings: BaseSettings) -> None:
        """Check what RENDER needs before anything starts: one line and exit code 2 where it is not there."""
        if problem := render_problem(settings):
            print(f"newsspider: {problem}", file=sys.stderr)
            raise SystemExit(2)

    def update_settings(self, settings: BaseSettings) -> None:
        is_asked = is_rendering(settings)
        if not is_asked and (not settings.getbool("RENDER_SITES") or settings.get("REPLAY")):
            return
        if problem := missing(settings):
            print(f"newsspider: {problem}", file=sys.stderr)
            settings.set("RENDER" if is_asked else "RENDER_SITES", False, priority="cmdline")
            return
        slot = {"delay": 0, "concurrency": settings.getint("RENDER_CONCURRENCY")}
        changes: dict[str, Any] = {
            "DOWNLOAD_HANDLERS": settings.getdict("DOWNLOAD_HANDLERS") | {"http": HANDLER, "https": HANDLER},
            "DOWNLOAD_SLOTS": settings.getdict("DOWNLOAD_SLOTS") | {RENDER_SLOT: slot},
            "PLAYWRIGHT_LAUNCH_OPTIONS": launch_options(browser_path(settings) or ""),
            "PLAYWRIGHT_BROWSER_PROVIDER": "newsspider.render.handler.LazyBrowser",
            "PLAYWRIGHT_ABORT_REQUEST": "newsspider.render.gate.abort_ungated",
            "PLAYWRIGHT_DEFAULT_NAVIGATION_TIMEOUT": 1000 * settings.getfloat("RENDER_TIMEOUT_S"),
        }
        for name, value in changes.items():
            settings.set(name, value, priority="spider")


def render_problem(settings: BaseSettings) -> str | None:
    """Return in one line what RENDER lacks, None where it can start or is not asked for."""
    return missing(settings) if is_rendering(settings) else None


def missing(settings: BaseSettings) -> str | None:
    """Return in one line what is missing to render pages, None where nothing is."""
    try:
        importlib.import_module("scrapy_playwright.handler")
    except ImportError as error:
        return f"RENDER needs the packages of requirements-render.txt ({error}): pip install -r requirements-render.txt"
    if browser_path(settings) is None:
        named = settings["RENDER_BROWSER"]
        where = (
            f"RENDER_BROWSER={named} is not an executable" if named else f"none of {', '.join(BROWSERS)} is on the PATH"
        )
        return f"RENDER needs a Chromium: {where} (on Debian or Ubuntu: apt-get install chromium)"
    return None


def browser_path(settings: BaseSettings) -> str | None:
    """Return the path of the Chromium to use, None where there is none."""
    names = [settings["RENDER_BROWSER"]] if settings["RENDER_BROWSER"] else BROWSERS
    return next((path for name in names if (path := shutil.which(str(name)))), None)


def launch_options(path: str) -> dict[str, Any]:
    """Return how Chromium is started: with its sandbox unless we are root, without our environment's secrets."""
    signals = dict.fromkeys(("handle_sigint", "handle_sigterm", "handle_sighup"), False)
    return {
        "executable_path": path,
        "headless": True,
        "chromium_sandbox": os.geteuid() != 0,
        "args": [*NO_NETWORK, *QUIET],
        "env": {"PATH": os.defpath},
        **signals,
    }
