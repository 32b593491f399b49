"""What `scrapy mongod` does with a private mongod: start it to stay, stop it, tell of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from newsspider.messages import _
from newsspider.mongo.server import data_folder
from newsspider.mongo.server.errors import MongoUnavailableError
from newsspider.mongo.server.local_server import LocalServer, recorded_port, stop_mongod, turn_of


@dataclass(frozen=True, slots=True)
class ServerState:
    """A private mongod that runs: its process, its port, and whether it is in use and stays until it is stopped."""

    process_id: int | None
    port: int | None
    is_used: bool
    is_staying: bool


def state(folder: Path) -> ServerState | None:
    """Return the state of the mongod of `folder`; None where none runs."""
    if not data_folder.is_running(folder):
        return None
    with turn_of(folder):
        return ServerState(
            data_folder.process_id(folder),
            recorded_port(folder),
            data_folder.is_used(folder),
            (folder / data_folder.STAYING).exists(),
        )


def start_to_stay(folder: Path, idle_s: float) -> ServerState | None:
    """Start the mongod of `folder` if none runs, and let it stay until `stop`. Raises MongoUnavailableError."""
    server = LocalServer.start(folder, idle_s=max(idle_s, 1.0))
    try:
        (server.data_dir / data_folder.STAYING).touch()
    finally:
        server.release()
    return state(folder)


def stop(folder: Path) -> bool:
    """Stop the mongod of `folder`; return False where none runs. Raises MongoUnavailableError where it is in use."""
    if not folder.is_dir():
        return False
    with turn_of(folder):
        (folder / data_folder.STAYING).unlink(missing_ok=True)
        if not data_folder.is_running(folder):
            return False
        if data_folder.is_used(folder):
            raise MongoUnavailableError(
                _("the MongoDB of {folder} is in use: it stops some time after the last command").format(folder=folder)
            )
        stop_mongod(folder)
    return True
