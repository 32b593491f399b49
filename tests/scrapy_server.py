"""Scrapy commands in forks of one process whose imports are done: a test worker pays for them once.

Each command is a process of its own with its own environment, folder, output and exit code. It differs from
`python -m scrapy` in two ways: modules are imported before its environment is set (newsspider.settings, the one reader
of the environment, is read again), and all forks share one hash seed. Tests of these two start a real process.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import pkgutil
import select
import signal
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

NOT_PRELOADED = "newsspider.render"  # left to RENDER=1
# packages with all their modules, and modules
LIBRARIES = (
    *("scrapy.commands", "scrapy.core", "scrapy.core.downloader", "scrapy.core.downloader.handlers"),
    *("scrapy.downloadermiddlewares", "scrapy.spidermiddlewares", "scrapy.extensions"),
    *("scrapy.cmdline", "scrapy.dupefilters", "scrapy.logformatter", "scrapy.pqueues", "scrapy.resolver"),
    *("scrapy.robotstxt", "scrapy.squeues", "scrapy.statscollectors", "scrapy.utils.engine", "protego", "email.policy"),
)
START_TIMEOUT_S = 120


class ScrapyServer:
    """The test worker's side: runs one command at a time, like `subprocess.run` with captured text."""

    def __init__(self, root: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__],
            cwd=root,
            env=os.environ | {"PYTHONPATH": str(root)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._answer(START_TIMEOUT_S)

    def run(
        self, args: Sequence[str], env: Mapping[str, str], cwd: Path, timeout: float
    ) -> subprocess.CompletedProcess[str]:
        with tempfile.TemporaryDirectory() as folder:
            streams = [Path(folder, name) for name in ("stdout", "stderr")]
            request = {"args": list(args), "env": dict(env), "cwd": str(cwd), "streams": list(map(str, streams))}
            assert self._process.stdin is not None
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.flush()
            pid = int(self._answer(START_TIMEOUT_S))
            try:
                code = int(self._answer(timeout))
            except TimeoutError:
                os.kill(pid, signal.SIGKILL)
                self._answer(START_TIMEOUT_S)
                raise subprocess.TimeoutExpired(list(args), timeout) from None
            output, errors = (path.read_text("utf-8") for path in streams)
        return subprocess.CompletedProcess(["scrapy", *args], code, output, errors)

    def _answer(self, timeout_s: float) -> bytes:
        assert self._process.stdout is not None
        answer = b""
        while not answer.endswith(b"\n"):  # byte by byte: the exit code may follow the process id at once
            if not select.select([self._process.stdout], [], [], timeout_s)[0]:
                raise TimeoutError
            byte = os.read(self._process.stdout.fileno(), 1)
            if not byte:
                raise RuntimeError("the process that runs scrapy is gone")
            answer += byte
        return answer

    def stop(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(START_TIMEOUT_S)


def preload() -> None:
    """Import what commands and crawls use, but no reactor: the command installs its own."""
    for name in LIBRARIES:
        module = importlib.import_module(name)
        for found in pkgutil.iter_modules(getattr(module, "__path__", []), f"{name}."):
            with contextlib.suppress(ImportError):  # those of optional packages
                importlib.import_module(found.name)
    package = importlib.import_module("newsspider")
    for found in pkgutil.walk_packages(package.__path__, "newsspider."):
        if not found.name.startswith(NOT_PRELOADED):
            importlib.import_module(found.name)
    assert "twisted.internet.reactor" not in sys.modules


def become(request: dict[str, Any]) -> None:
    """Turn this fork into the command: output, folder, environment."""
    gc.unfreeze()  # so that what is left at its end is cleared as in any process
    for number, path in zip((1, 2), request["streams"], strict=True):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), number)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    sys.stdin = os.fdopen(nothing, "r")
    os.environ.clear()
    os.environ.update(request["env"])
    os.chdir(request["cwd"])
    sys.path[0] = request["cwd"]
    sys.argv = ["scrapy", *request["args"]]
    importlib.reload(sys.modules["newsspider.settings"])


def serve() -> None:
    """Fork per line of standard input; return in the fork, as the command that it is to run."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # deprecated modules that no command uses
        preload()
    gc.collect()
    gc.freeze()
    answers = os.dup(1)
    os.write(answers, b"ready\n")
    for line in sys.stdin:
        pid = os.fork()
        if not pid:
            os.close(answers)
            become(json.loads(line))
            return
        os.write(answers, f"{pid}\n".encode())
        _, status = os.waitpid(pid, 0)
        os.write(answers, f"{os.waitstatus_to_exitcode(status)}\n".encode())
    sys.exit()


if __name__ == "__main__":
    serve()
    from scrapy.cmdline import execute

    execute()
