"""The page modules as C give what the Python they are made of gives, and never an older one."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from project import ROOT

from benchmarks.extraction import compiled, copied
from newsspider.compiled.finder import MANIFEST, SETS

HEADER = Path(sysconfig.get_paths()["include"]) / "Python.h"
PAGES = sorted((ROOT / "fixtures").glob("*/*/page.html"))
FOLDERS = re.compile(r"^COMPILED = \(.+?\)$", re.M | re.S)

pytestmark = [
    pytest.mark.server,
    pytest.mark.skipif(shutil.which("gcc") is None or not HEADER.exists(), reason="needs gcc and Python's headers"),
]


def run(project: Path, *command: str, home: Path | None = None) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(project), "SCRAPY_SETTINGS_MODULE": "newsspider.settings"}
    environment |= {"HOME": str(home)} if home else {}
    return subprocess.run([sys.executable, *command], cwd="/", env=environment, capture_output=True, text=True)


def runs_as(project: Path, home: Path | None = None) -> tuple[str, bool]:
    """Return what the project says it runs as, and whether a page module is C."""
    code = "import newsspider, newsspider.pages.markup.read_lines as lines; print(newsspider.RUNS_AS, lines.__file__)"
    done = run(project, "-c", code, home=home)
    assert done.returncode == 0, done.stderr
    words, _, file = done.stdout.strip().rpartition(" ")
    return words, file.endswith(".so")


@pytest.fixture(scope="module")
def native(tmp_path_factory: pytest.TempPathFactory, soak: Any) -> Path:
    """A copy of the project, compiled; in short the parser alone, which takes a third of the time."""
    folder = copied(tmp_path_factory.mktemp("compiled"))
    setup = folder / "setup.py"
    assert FOLDERS.search(setup.read_text())
    setup.write_text(FOLDERS.sub(lambda found: soak('COMPILED = ("pages/markup",)', found[0]), setup.read_text()))
    built = compiled(folder, opt_level=0)
    assert built.returncode == 0, built.stderr[-2000:]
    return folder


def the_set(project: Path) -> Path:
    (found,) = (project / "newsspider" / SETS).iterdir()
    return found


@pytest.fixture
def changed(native: Path) -> Iterator[Path]:
    """The compiled project, for a test that changes a source or the manifest: both are put back."""
    paths = [native / "newsspider" / "pages" / "markup" / "read_lines.py", the_set(native) / MANIFEST]
    contents = [path.read_bytes() for path in paths]
    yield native
    for path, content in zip(paths, contents, strict=True):
        path.write_bytes(content)


def test_compiled_pages_give_the_same_items(native: Path, tmp_path: Path, soak: Any) -> None:
    plain = copied(tmp_path)
    assert runs_as(plain) == ("Python (not compiled)", False)
    words, is_native = runs_as(native)
    assert is_native and re.fullmatch(r"C \(\d+ modules\)", words)
    pages = PAGES[:: soak(12, 2)]
    extract = ("-m", "scrapy", "extract", *map(str, pages))
    first, second = run(plain, *extract), run(native, *extract)
    assert len(first.stdout.splitlines()) == len(pages) > 20
    assert without_version(second.stdout) == without_version(first.stdout)
    assert f"page code runs as {words}" in run(native, "-m", "scrapy", "version", "-v").stdout


def without_version(output: str) -> list[Any]:
    return [json.loads(line) | {"rules_version": ""} for line in output.splitlines()]


def test_set_of_other_sources_is_not_used(changed: Path) -> None:
    source = changed / "newsspider" / "pages" / "markup" / "read_lines.py"
    os.utime(source, (2**31, 2**31))  # the same text at another time: as after a checkout
    assert runs_as(changed)[1]
    text = source.read_text("utf-8")
    source.write_text(text.replace("BEFORE: Final = 250", "BEFORE: Final = 251"), "utf-8")
    assert runs_as(changed) == ("Python (compiled from other sources)", False)


def test_set_of_another_python_is_not_used(changed: Path) -> None:
    manifest = the_set(changed) / MANIFEST
    manifest.write_text(manifest.read_text("utf-8").replace("cpython-3", "cpython-2"), "utf-8")
    assert runs_as(changed) == ("Python (compiled for another Python)", False)


def test_zipped_set_is_unpacked_once_for_its_user(native: Path, tmp_path: Path) -> None:
    """Where no folder is its user's own, the Python in the egg runs."""
    egg = Path(shutil.make_archive(str(tmp_path / "newsspider"), "zip", native, "newsspider"))
    home = tmp_path / "home"
    for _ in range(2):
        words, is_native = runs_as(egg, home)
        assert is_native and words.startswith("C ")
    cache = home / ".cache" / "newsspider"
    (unpacked,) = cache.iterdir()
    assert {path.name for path in unpacked.iterdir()} == {path.name for path in the_set(native).iterdir()}
    cache.chmod(0o777)
    assert runs_as(egg, home) == ("Python (not compiled)", False)
    assert runs_as(egg, Path("/dev/null")) == ("Python (not compiled)", False)
