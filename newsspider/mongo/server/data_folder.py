"""The folder of a private mongod, and the locks in it by which processes agree. Nothing beyond Python is imported.

Every user holds a shared flock on `users.lock` for as long as it lives, so kill -9 of a user leaves nothing stale.
`start.lock` makes starts and stops take turns. mongod itself holds db/mongod.lock, so there are never two on a folder.
"""

from __future__ import annotations

import fcntl
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

POLL_S = 0.02
USERS = "users.lock"
STARTS = "start.lock"
# there where mongod is to stay until it is told to stop
STAYING = "staying"


@contextmanager
def turn(folder: Path, timeout_s: float) -> Iterator[None]:
    """Hold `start.lock`; TimeoutError if another process holds it longer than `timeout_s`, OSError without folder."""
    descriptor = os.open(folder / STARTS, os.O_RDWR | os.O_CREAT, 0o600)
    deadline = time.monotonic() + timeout_s
    try:
        while not is_taken(descriptor):
            if time.monotonic() >= deadline:
                raise TimeoutError(
                    f"another process has been starting or stopping the MongoDB of {folder} for too long"
                )
            time.sleep(POLL_S)
        yield
    finally:
        os.close(descriptor)


def is_taken(descriptor: int) -> bool:
    """Take the exclusive flock of an open file; return False if another process has one."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def join_users(folder: Path, idle_s: float) -> int:
    """Return the descriptor that makes this process a user, until it is closed."""
    descriptor = os.open(folder / USERS, os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    note_use(descriptor, idle_s)
    return descriptor


def note_use(descriptor: int, idle_s: float) -> None:
    """Write into `users.lock` how long mongod stays after this use; its time of change is that of the last use."""
    os.pwrite(descriptor, f"{idle_s:<20}".encode("ascii"), 0)


def idle_s(folder: Path) -> float:
    """Return how long mongod stays after its last use, as the last user has said."""
    try:
        return float((folder / USERS).read_text("ascii"))
    except (OSError, ValueError):
        return 0.0


def last_use(folder: Path) -> int:
    """Return the time of the last join or leave, as nanoseconds of the file system's clock."""
    return (folder / USERS).stat().st_mtime_ns


def is_used(folder: Path) -> bool:
    """Return True if a process uses mongod. The caller holds the turn: nobody joins or leaves meanwhile."""
    descriptor = os.open(folder / USERS, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        return not is_taken(descriptor)
    finally:
        os.close(descriptor)


def is_running(folder: Path) -> bool:
    """Return True if a mongod has the folder open: it holds a flock on db/mongod.lock as long as it lives."""
    try:
        descriptor = os.open(folder / "db" / "mongod.lock", os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        return not is_taken(descriptor)
    finally:
        os.close(descriptor)


def process_id(folder: Path) -> int | None:
    """Return the process id that the running mongod wrote into its lock file."""
    try:
        return int((folder / "db" / "mongod.lock").read_text("ascii").strip())
    except (OSError, ValueError):
        return None


def stop(folder: Path, timeout_s: float) -> None:
    """Stop mongod with SIGTERM and wait until it has closed its files. Raises TimeoutError."""
    deadline = time.monotonic() + timeout_s
    pid = process_id(folder)
    is_asked = False
    while is_running(folder):
        if not is_asked and pid is not None:
            try:
                os.kill(pid, signal.SIGTERM)
            except ProcessLookupError:
                return
            is_asked = True
        if time.monotonic() > deadline:
            raise TimeoutError(f"mongod (process {pid}) of {folder} does not stop")
        pid = pid or process_id(folder)
        time.sleep(POLL_S)
