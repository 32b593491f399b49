"""Scrapy commands in forks of one process whose imports are done: a test worker pays for them once.

Each command is a process of its own with its own environment, folder, output and exit code. It differs from
`python -m scrapy` in three ways: modules are imported before its environment is set (newsspider.settings, the one
reader of the environment, is read again), all forks share one hash seed, and at the end modules are not taken apart,
which takes longer than most commands do. Tests of these start a real process.
"""

from __future__ import annotations

import atexit
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
import threading
import time
import traceback
import warnings
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn

NOT_PRELOADED = "newsspider.render"  # left to RENDER=1
# packages with all their modules, and modules
LIBRARIES = (
    *("scrapy.commands", "scrapy.core", "scrapy.core.downloader", "scrapy.core.downloader.handlers"),
    *("scrapy.downloadermiddlewares", "scrapy.spidermiddlewares", "scrapy.extensions"),
    *("scrapy.cmdline", "scrapy.dupefilters", "scrapy.logformatter", "scrapy.pqueues", "scrapy.resolver"),
    *("scrapy.robotstxt", "scrapy.squeues", "scrapy.statscollectors", "scrapy.utils.engine", "protego", "email.policy"),
)
START_TIMEOUT_S = 120
POLL_S = 0.02


class ScrapyProcess:
    """A command in the background, as `subprocess.Popen` has it, but that it writes to files."""

    def __init__(self, server: ScrapyServer, pid: int, streams: Sequence[Path]) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._server = server
        self._streams = streams

    def poll(self) -> int | None:
        if self.returncode is None:
            self.returncode = self._server.exit_code(self.pid)
        return self.returncode

    def wait(self, timeout: float = START_TIMEOUT_S) -> int:
        ends_at = time.monotonic() + timeout
        while (code := self.poll()) is None:
            if time.monotonic() > ends_at:
                raise subprocess.TimeoutExpired("scrapy", timeout)
            time.sleep(POLL_S)
        return code

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    @property
    def output(self) -> str:
        """What it has written so far to standard output, and as a command also to standard error."""
        return self._streams[0].read_text("utf-8", "replace")

    @property
    def errors(self) -> str:
        return self._streams[1].read_text("utf-8", "replace")


class ScrapyServer:
    """The test worker's side: `run` is like `subprocess.run` with captured text, `start` like `subprocess.Popen`."""

    def __init__(self, root: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__],
            cwd=root,
            env=os.environ | {"PYTHONPATH": str(root)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._answer(START_TIMEOUT_S)

    def start(
        self, args: Sequence[str], env: Mapping[str, str], cwd: Path, streams: Sequence[Path], program: str = ""
    ) -> ScrapyProcess:
        """Start a command, or the Python of `program`, that writes to the two files `streams`."""
        for path in streams:
            path.touch()
        return ScrapyProcess(self, self._fork(args, env, cwd, streams, program), streams)

    def exit_code(self, pid: int) -> int | None:
        """Return the exit code of a command that was started; None if it has not ended. Asks once only."""
        self._send({"poll": pid})
        answer = self._answer(START_TIMEOUT_S).strip()
        return int(answer) if answer else None

    def _send(self, request: Mapping[str, Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(request).encode() + b"\n")
        self._process.stdin.flush()

    def _fork(
        self, args: Sequence[str], env: Mapping[str, str], cwd: Path, streams: Sequence[Path], program: str = ""
    ) -> int:
        request = {"args": list(args), "env": dict(env), "cwd": str(cwd), "streams": list(map(str, streams))}
        self._send(request | {"program": program})
        return int(self._answer(START_TIMEOUT_S))

    def run(
        self, args: Sequence[str], env: Mapping[str, str], cwd: Path, timeout: float
    ) -> subprocess.CompletedProcess[str]:
        with tempfile.TemporaryDirectory() as folder:
            streams = [Path(folder, name) for name in ("stdout", "stderr")]
            pid = self._fork(args, env, cwd, streams)
            self._send({"wait": pid})
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
    warm_up()
    assert "twisted.internet.reactor" not in sys.modules


def warm_up() -> None:
    """Read a page, so that the forks need not load the suffix list, the models and the tables of characters again."""
    document = importlib.import_module("newsspider.pages.document")
    article = importlib.import_module("newsspider.pages.article")
    html = "<html><head><title>鹿川夜市</title></head><body><h1>鹿川夜市</h1><p>夜市昨晚開張。</p></body></html>"
    page = document.Document.from_text(html, "https://news.luchuan.example/1.html", datetime.now(UTC))
    importlib.import_module("newsspider.pipelines.clean").clean_article(article.ArticlePage(page).to_item())
    importlib.import_module("newsspider.text").fold("鹿川夜市開張")
    importlib.import_module("newsspider.urls").registered_domain("https://news.luchuan.example/1.html")


def become(request: dict[str, Any]) -> None:
    """Turn this fork into the command: output, folder, environment."""
    for number, path in zip((1, 2), request["streams"], strict=True):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), number)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    sys.stdin = os.fdopen(nothing, "r")
    os.environ.clear()
    os.environ.update(request["env"])
    os.chdir(request["cwd"])
    sys.path[:1] = [request["cwd"], *request["env"].get("PYTHONPATH", "").split(os.pathsep)]
    sys.argv = ["scrapy", *request["args"]]
    importlib.reload(sys.modules["newsspider.settings"])


def serve() -> str:
    """Fork per line of standard input; return in the fork the program to run, "" for a command of scrapy."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # deprecated modules that no command uses
        preload()
    gc.collect()
    gc.freeze()
    answers = os.dup(1)
    os.write(answers, b"ready\n")
    for line in sys.stdin:
        request = json.loads(line)
        if "args" in request:
            pid = os.fork()
            if not pid:
                os.close(answers)
                become(request)
                return str(request["program"])
            answer: object = pid
        else:
            ended, status = os.waitpid(request.get("poll") or request["wait"], os.WNOHANG if "poll" in request else 0)
            answer = os.waitstatus_to_exitcode(status) if ended else ""
        os.write(answers, f"{answer}\n".encode())
    sys.exit()


def run_to_end(program: str) -> NoReturn:
    """Run the program, and end the process as Python does but for the clearing of its modules."""
    from scrapy.cmdline import execute

    code: object = 0
    try:
        exec(program, {"__name__": "__main__"}) if program else execute()
    except SystemExit as end:
        code = end.code or 0
    except BaseException:
        traceback.print_exc()
        code = 1
    if not isinstance(code, int):
        print(code, file=sys.stderr)
        code = 1
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    gc.collect()  # tells of exceptions that nobody has asked for
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    run_to_end(serve())
