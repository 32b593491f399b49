"""The program `newsspider` outside of the checkout, and completion in real shells."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from project import ROOT
from scrapy.utils.project import get_project_settings

from newsspider.cli.program.completion import bash, commands, fish, zsh

pytestmark = pytest.mark.server
KNOWN = commands(get_project_settings())
ASK = """
COMP_WORDS=(newsspider articles --sour); COMP_CWORD=2; _newsspider; echo "${COMPREPLY[@]}"
COMP_WORDS=(newsspider checks); COMP_CWORD=1; _newsspider; echo "${COMPREPLY[@]}"
COMP_WORDS=(newsspider articles hist); COMP_CWORD=2; _newsspider; echo "${COMPREPLY[@]}"
"""


def test_bash_completes_commands_actions_and_options() -> None:
    done = subprocess.run(["bash", "-c", bash(KNOWN) + ASK], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["--source", "checksites", "history"]


@pytest.mark.parametrize(("shell", "script"), [("zsh", zsh), ("fish", fish)])
def test_other_shells_can_read_their_script(shell: str, script: object, tmp_path: Path) -> None:
    text = script(KNOWN)  # type: ignore[operator]
    assert "history" in text and "checksites" in text
    if shutil.which(shell) is None:
        pytest.skip(f"no {shell}")
    path = tmp_path / "script"
    path.write_text(text)
    subprocess.run([shell, "-n", str(path)], check=True)


def test_commands_run_in_any_folder_and_print_to_any_terminal(tmp_path: Path) -> None:
    page = next((ROOT / "fixtures" / "linhe").glob("yaowen-2024-0406*"))
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "ascii"}
    program = [sys.executable, "-m", "newsspider.cli.program.main"]
    done = subprocess.run(
        [*program, "extract", "--explain", str(page)], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "\\u" in done.stdout
    wrong = subprocess.run([*program, "completion", "tcsh"], cwd=tmp_path, env=environment, capture_output=True)
    assert (wrong.returncode, wrong.stderr) == (2, b"newsspider: completion takes one of bash, zsh, fish\n")
