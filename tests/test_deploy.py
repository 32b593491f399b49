"""The files in deploy/: units that systemd takes, scripts that a shell takes."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from project import ROOT

UNITS = sorted((ROOT / "deploy" / "systemd").glob("*.[st]*"))
PROGRAM = re.compile(r"^(Exec\w+=)/srv/newsspider/(\S+)", re.M)


@pytest.mark.server
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd-analyze is not here")
    for unit in UNITS:
        text = PROGRAM.sub(r"\g<1>/bin/true", unit.read_text("utf-8"))
        (tmp_path / unit.name).write_text(text.replace("file:///srv/newsspider/docs", f"file://{ROOT}/docs"), "utf-8")
    names = [str(tmp_path / unit.name.replace("@.", "@1.")) for unit in UNITS]
    done = subprocess.run([analyze, "verify", *names], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_units_start_what_is_there() -> None:
    assert {unit.suffix for unit in UNITS} == {".service", ".timer"}
    for unit in UNITS:
        text = unit.read_text("utf-8")
        for _, program in PROGRAM.findall(text):
            assert program == ".venv/bin/scrapy" or (ROOT / program).stat().st_mode & 0o111, unit
        if started := re.search(r"^Unit=(\S+)", text, re.M):
            assert unit.with_name(started[1]).is_file(), unit


@pytest.mark.server
@pytest.mark.parametrize("script", sorted(path.name for path in (ROOT / "deploy").glob("*.sh")))
def test_a_shell_takes_the_scripts(script: str) -> None:
    done = subprocess.run(["sh", "-n", str(ROOT / "deploy" / script)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_board_shows_figures_that_are_served_and_containers_ask_for_a_sign_of_life() -> None:
    names = ("extensions/metrics.py", "mongo/shared_figures.py")
    sources = "".join((ROOT / "newsspider" / name).read_text("utf-8") for name in names)
    board = json.loads((ROOT / "deploy" / "grafana.json").read_text("utf-8"))
    exprs = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    shown = {name for expr in exprs for name in re.findall(r"newsspider_\w+", expr)}
    assert {re.sub(r"_(total|bucket)$", "", name) for name in shown} <= set(re.findall(r'"(newsspider_\w+)"', sources))
    for name in ("compose.yaml", "kubernetes.yaml"):
        assert re.search(r'"workers", "--check"', (ROOT / "deploy" / name).read_text("utf-8")), name


@pytest.mark.server
def test_the_first_make_crawl_says_that_it_installs_before_it_does(tmp_path: Path) -> None:
    if shutil.which("make") is None:
        pytest.skip("make is not here")
    command = ["make", "--dry-run", "crawl", f"VENV={tmp_path / 'venv'}"]
    shown = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert 0 < shown.index("echo 'installing the packages") < shown.index("-m pip install")
