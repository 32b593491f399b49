"""`scrapy serve`: the application behind uvicorn, until it is stopped."""

from __future__ import annotations

import errno
import signal
import socket
import sys
from contextlib import suppress
from typing import Any

import uvicorn

from newsspider.errors import NewsspiderError
from newsspider.messages import _
from newsspider.mongo.archive import Archive
from newsspider.web.access import AccessPolicy
from newsspider.web.application import create_app

# connections beyond this are answered with 503
MOST_CONNECTIONS = 200
SHUTDOWN_S = 3


class CannotServeError(NewsspiderError):
    """The server cannot listen; one line."""


def serve(archive: Archive, settings: Any) -> None:
    """Serve the archive until Ctrl-C or SIGTERM. Raises CannotServeError."""
    policy = AccessPolicy.of(settings)
    if problem := policy.problem():
        raise CannotServeError(problem)
    listening = _listening(policy)
    config = uvicorn.Config(
        create_app(archive, settings, policy),
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=policy.is_behind_proxy,
        forwarded_allow_ips="127.0.0.1,::1" if policy.is_behind_proxy else None,
        limit_concurrency=MOST_CONNECTIONS,
        timeout_graceful_shutdown=SHUTDOWN_S,
        h11_max_incomplete_event_size=65_536,
    )
    print(_("The archive is at {url} (Ctrl-C ends)").format(url=policy.url), file=sys.stderr, flush=True)
    # uvicorn ends in order on either signal, and raises it again afterwards
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with suppress(KeyboardInterrupt):
        uvicorn.Server(config).run([listening])


def _listening(policy: AccessPolicy) -> socket.socket:
    """Return a socket on the address of the policy. Raises CannotServeError."""
    family = socket.AF_INET6 if ":" in policy.address else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((policy.address, policy.port))
    except OSError as error:
        listening.close()
        is_used = error.errno == errno.EADDRINUSE
        said = _("port {port} of {address} is in use: choose another with --port")
        said = said if is_used else _("port {port} of {address} cannot be opened: {reason}")
        where = {"port": policy.port, "address": policy.address, "reason": error.strerror}
        raise CannotServeError(said.format(**where)) from None
    return listening
