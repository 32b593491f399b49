"""The egg under a real scrapyd with a password, against a real mongod: nothing may get lost in packing."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import sysconfig
import time
import urllib.error
import urllib.parse
import urllib.request
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from project import ROOT

from benchmarks.extraction import compiled

BIN = Path(sys.executable).parent
HAS_HEADERS = (Path(sysconfig.get_paths()["include"]) / "Python.h").exists()
CAN_COMPILE = shutil.which("gcc") is not None and HAS_HEADERS
PASSWORD = "geheim"
WAIT_S = 240

pytestmark = pytest.mark.server


@dataclass
class Scrapyd:
    """A running scrapyd; `log` is its own output."""

    port: int
    folder: Path
    process: subprocess.Popen[bytes]

    def ask(self, name: str, password: str | None = PASSWORD, **fields: Any) -> dict[str, Any]:
        """Return the answer to a GET, or with `fields` to a POST."""
        url = f"http://127.0.0.1:{self.port}/{name}"
        data = urllib.parse.urlencode(fields, doseq=True).encode() if fields else None
        request = urllib.request.Request(url, data)
        if password is not None:
            token = base64.b64encode(f"newsspider:{password}".encode()).decode()
            request.add_header("Authorization", f"Basic {token}")
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=WAIT_S) as answer:
            return json.load(answer)

    def log(self) -> str:
        return (self.folder / "output").read_text(errors="replace")


def wait_until(condition: Any, what: str) -> None:
    deadline = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.1)


@pytest.fixture(scope="module")
def egg(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The egg as `scrapyd-deploy` builds it, from a copy of the project in which a few modules are compiled."""
    project = tmp_path_factory.mktemp("project")
    for name in ("scrapy.cfg", "setup.py"):
        shutil.copy(ROOT / name, project)
    left_out = shutil.ignore_patterns("__pycache__", "_compiled")
    shutil.copytree(ROOT / "newsspider", project / "newsspider", ignore=left_out)
    if CAN_COMPILE:
        few = re.sub(r"^COMPILED = .+$", 'COMPILED = ("pages/learned",)', (ROOT / "setup.py").read_text(), flags=re.M)
        (project / "setup.py").write_text(few)
        built = compiled(project, opt_level=0)
        assert built.returncode == 0, built.stderr[-2000:]
    path = project / "newsspider.egg"
    done = subprocess.run(
        [BIN / "scrapyd-deploy", "--build-egg", path], cwd=project, capture_output=True, text=True, check=False
    )
    assert path.is_file(), done.stderr[-2000:]
    return path


@pytest.fixture
def scrapyd(tmp_path: Path, scrapy_environment: dict[str, str]) -> Iterator[Scrapyd]:
    """Scrapyd as deploy/scrapyd.sh starts it, on a free port, away from the project."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = tmp_path / "scrapyd"
    folder.mkdir()
    environment = scrapy_environment | {
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "SCRAPYD_DIR": str(folder),
        "SCRAPYD_HTTP_PORT": str(port),
        "SCRAPYD_PASSWORD": PASSWORD,
        "HOME": str(tmp_path),
    }
    environment.pop("PYTHONPATH", None)
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(
            [ROOT / "deploy" / "scrapyd.sh"], cwd=tmp_path, env=environment, stdout=output, stderr=output
        )
        server = Scrapyd(port, folder, process)
        try:
            wait_until(lambda: is_up(server), "scrapyd")
            yield server
        finally:
            process.terminate()
            process.wait(WAIT_S)


def is_up(server: Scrapyd) -> bool:
    assert server.process.poll() is None, server.log()[-2000:]
    try:
        return server.ask("daemonstatus.json")["status"] == "ok"
    except OSError:
        return False


def deploy(server: Scrapyd, project: Path) -> None:
    """Build and upload with `scrapyd-deploy` and the project's scrapy.cfg, its port changed."""
    config = (ROOT / "scrapy.cfg").read_text()
    (project / "scrapy.cfg").write_text(config.replace(":6800/", f":{server.port}/"))
    environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    done = subprocess.run(
        [BIN / "scrapyd-deploy"],
        cwd=project,
        env=environment | {"SCRAPYD_PASSWORD": PASSWORD},
        capture_output=True,
        text=True,
        check=False,
    )
    assert '"status": "ok"' in done.stdout, done.stdout + done.stderr


def finished(server: Scrapyd, job: str) -> bool:
    return job in [entry["id"] for entry in server.ask("listjobs.json?project=newsspider")["finished"]]


def test_egg_holds_every_package_and_its_data(egg: Path) -> None:
    with zipfile.ZipFile(egg) as archive:
        names = set(archive.namelist())
    wanted = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "newsspider").rglob("*")
        if path.is_file() and not {"__pycache__", "_compiled"} & set(path.parts)
    }
    assert wanted <= names
    native = [name for name in names if name.endswith(".so")]
    assert all(name.startswith("newsspider/_compiled/") for name in native)
    assert bool(native) == CAN_COMPILE
    assert not [name for name in names if name.startswith(("tests", "fixtures", "benchmarks", "data"))]


def test_deployed_egg_lists_runs_and_stores(scrapyd: Scrapyd, egg: Path, mongo: Any) -> None:
    """With the password alone; a wrong argument is one line in the log."""
    for password in (None, "wrong"):
        with pytest.raises(urllib.error.HTTPError) as refusal:
            scrapyd.ask("listprojects.json", password)
        assert refusal.value.code == 401
    deploy(scrapyd, egg.parent)
    spiders = scrapyd.ask("listspiders.json?project=newsspider")["spiders"]
    assert {"news", "linhe"} <= set(spiders)
    replay = f"REPLAY={ROOT / 'fixtures' / 'linhe'}"
    job = scrapyd.ask("schedule.json", project="newsspider", spider="linhe", setting=replay, max_articles=5)["jobid"]
    wait_until(lambda: finished(scrapyd, job), "the job")
    log = (scrapyd.folder / "logs" / "newsspider" / "linhe" / f"{job}.log").read_text()
    assert "newsspider.pipelines.store.StorePipeline" in log
    assert "Dumping Scrapy stats" in log
    assert re.search(r"^\d{4}-\d\d-\d\d [\d:]+ \[newsspider\] INFO: 5 new", log, re.MULTILINE)
    assert "5 new" not in scrapyd.log()
    assert mongo["articles"].count_documents({}) == 5, log[-3000:]
    run = mongo["runs"].find_one()
    assert (run["spider"], run["finish_reason"]) == ("linhe", "max_articles")
    assert run["page_code"].startswith("C (" if CAN_COMPILE else "Python (not compiled)"), run["page_code"]
    assert run["arguments"]["max_articles"] == "5"
    assert not (scrapyd.folder / "data").exists()
    job = scrapyd.ask("schedule.json", project="newsspider", spider="news", url="nonsense")["jobid"]
    wait_until(lambda: finished(scrapyd, job), "the job")
    log = (scrapyd.folder / "logs" / "newsspider" / "news" / f"{job}.log").read_text()
    assert "ended with exit code 2: url: 'nonsense' is not an http(s) URL" in log.splitlines()[-1]
    assert "Traceback" not in log + scrapyd.log()


def test_scrapyd_does_not_start_without_a_password(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "SCRAPYD_PASSWORD"}
    done = subprocess.run(
        [ROOT / "deploy" / "scrapyd.sh"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert "SCRAPYD_PASSWORD" in done.stderr
