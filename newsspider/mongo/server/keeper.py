"""The process that stops a private mongod when nobody has used it for a while: `python -m ...keeper FOLDER`.

It is started beside mongod and lives as long. Whoever uses mongod starts another where it was killed; where its users
were killed it stops mongod for them. A mongod whose folder was deleted is stopped as well. It also renames a log that
has grown large. Imported is Python alone, so that it costs next to nothing.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from newsspider.mongo.server import data_folder

KEEPER = "keeper.lock"
POLL_S = 1.0
STOP_TIMEOUT_S = 60.0
LOG_NAME = "mongod.log"
MAX_LOG_BYTES = 10_000_000


def ensure_keeper(folder: Path) -> subprocess.Popen[bytes] | None:
    """Start the keeper of `folder` if none is there; the caller holds the turn. Return it if it was started."""
    descriptor = os.open(folder / KEEPER, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if not data_folder.is_taken(descriptor):
            return None
    finally:
        os.close(descriptor)
    return subprocess.Popen(  # noqa: S603 this Python with this module
        [sys.executable, "-S", "-m", __name__, str(folder)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        cwd=_root(),
    )


def can_keep() -> bool:
    """Return True if this module can be run: not from inside an egg."""
    return _root().is_dir()


def _root() -> Path:
    return Path(__file__).resolve().parents[3]


def limit_log(folder: Path, *, is_running: bool) -> None:
    """Rename a log that has grown large; a running mongod is told to open a new one."""
    log = folder / LOG_NAME
    with contextlib.suppress(OSError):
        if log.stat().st_size > MAX_LOG_BYTES:
            log.replace(log.with_suffix(".log.1"))
            pid = data_folder.process_id(folder)
            if is_running and pid is not None:
                os.kill(pid, signal.SIGUSR1)


class Keeper:
    """Watches one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._pid: int | None = None
        self._use = 0
        self._idle_since = time.monotonic()

    def is_done(self) -> bool:
        """Look once, stop mongod if its time has come; return True if there is nothing left to keep.

        The caller holds the turn.
        """
        is_running = data_folder.is_running(self._folder)
        self._pid = data_folder.process_id(self._folder) if is_running else None
        use = data_folder.last_use(self._folder)
        if use != self._use or data_folder.is_used(self._folder):
            self._use, self._idle_since = use, time.monotonic()
            return False
        if not is_running:
            return True
        limit_log(self._folder, is_running=True)
        idle_s = time.monotonic() - self._idle_since
        if (self._folder / data_folder.STAYING).exists() or idle_s < data_folder.idle_s(self._folder):
            return False
        data_folder.stop(self._folder, STOP_TIMEOUT_S)
        return True

    def forsake(self) -> None:
        """Stop the mongod whose folder was deleted under it."""
        if self._pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGKILL)


def keep(folder: Path, poll_s: float = POLL_S) -> None:
    """Keep the mongod of `folder` until it is stopped; return at once if another process does."""
    descriptor = os.open(folder / KEEPER, os.O_RDWR | os.O_CREAT, 0o600)
    if not data_folder.is_taken(descriptor):
        return
    keeper = Keeper(folder)
    while True:
        time.sleep(poll_s)
        try:
            with data_folder.turn(folder, 0):
                if keeper.is_done():
                    os.close(descriptor)  # before the next one's turn, who would else believe in this keeper
                    return
        except TimeoutError:  # somebody starts or stops it, or it is slow to stop
            continue
        except FileNotFoundError:
            keeper.forsake()
            return


if __name__ == "__main__":
    keep(Path(sys.argv[1]))
