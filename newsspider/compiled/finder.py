"""The modules as C, where a compiler was: imported in place of their Python, all of a set or none.

A set is a folder of `_compiled/` with a library, a stub per module and a manifest. It is used by processes that begin
while its sources are those beside it; a set never changes, so that a running process goes on with its own. In an egg,
from which nothing compiled can be loaded, the set is first unpacked into the user's cache.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import zlib
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import EXTENSION_SUFFIXES, ModuleSpec
from importlib.util import spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any, Final, cast

SETS: Final = "_compiled"
MANIFEST: Final = "manifest.json"
SUFFIX: Final = EXTENSION_SUFFIXES[0]
# Unpacked sets that are kept.
CACHED: Final = 3


class CompiledFinder(MetaPathFinder):
    """Finds the modules of one set. They call each other directly, so a set is never mixed with its Python."""

    def __init__(self, folder: Path, names: Sequence[str]) -> None:
        self._files = {name: str(folder / f"{name}{SUFFIX}") for name in names}

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        location = self._files.get(fullname)
        return spec_from_file_location(fullname, location) if location else None


def use_compiled(package: Path) -> str:
    """Have the modules of a set that fits imported from it; return in words which of the two runs."""
    if package.is_dir():
        folders = sorted((package / SETS).glob(f"*/{MANIFEST}"), key=lambda path: path.stat().st_mtime, reverse=True)
        found = [path.parent for path in folders]
    else:
        found = _unpacked(package)
    reason = "not compiled"
    for folder in found:
        manifest = read_manifest(folder)
        if manifest["suffix"] != SUFFIX:
            reason = "compiled for another Python"
        elif package.is_dir() and not is_of_sources(manifest, package):
            reason = "compiled from other sources"
        else:
            sys.meta_path.insert(0, CompiledFinder(folder, manifest["names"]))
            return f"C ({len(manifest['sources'])} modules)"
    return f"Python ({reason})"


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return "suffix", "names" (all files of the set) and "sources": name -> [size, modification time, CRC-32]."""
    return cast("dict[str, Any]", json.loads((folder / MANIFEST).read_text("utf-8")))


def is_of_sources(manifest: dict[str, Any], package: Path) -> bool:
    """Return True if a set was made of the sources in `package`. Those of the same size and time are not read."""
    root = str(package.parent)
    for name, (size, modified_ns, checksum) in manifest["sources"].items():
        path = f"{root}/{name.replace('.', '/')}.py"
        try:
            stat = os.stat(path)
        except OSError:
            return False
        if stat.st_size != size:
            return False
        if stat.st_mtime_ns != modified_ns and zlib.crc32(Path(path).read_bytes()) != checksum:
            return False
    return True


def _unpacked(package: Path) -> list[Path]:
    """Return the folder into which the set of a zipped package was unpacked, [] where it has none or cannot be."""
    from zipfile import BadZipFile, ZipFile

    try:
        with ZipFile(package.parent) as egg:
            start = f"{package.name}/{SETS}/"
            names = [name for name in egg.namelist() if name.startswith(start) and not name.endswith("/")]
            sets = sorted({name.split("/")[2] for name in names})
            if not sets or (cache := _cache()) is None:
                return []
            folder = cache / sets[0]
            if not folder.is_dir():
                _unpack({name.rpartition("/")[2]: egg.read(name) for name in names if f"/{sets[0]}/" in name}, folder)
            os.utime(folder)
            return [folder]
    except (OSError, BadZipFile):
        return []


def _cache() -> Path | None:
    """Return a folder that this user alone may write to, None where there is none."""
    try:
        folder = Path("~/.cache/newsspider").expanduser()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        stat = folder.stat()
    except (OSError, RuntimeError):
        return None
    is_own = stat.st_uid == os.geteuid() and not stat.st_mode & 0o022
    return folder if is_own and os.access(folder, os.W_OK) else None


def _unpack(files: dict[str, bytes], folder: Path) -> None:
    """Write a set as a whole or not at all, and drop those that were used longest ago."""
    begun = Path(tempfile.mkdtemp(prefix=".", dir=folder.parent))
    try:
        for name, content in files.items():
            (begun / name).write_bytes(content)
        begun.rename(folder)
    except FileExistsError:  # another process was faster
        pass
    finally:
        shutil.rmtree(begun, ignore_errors=True)
    others = sorted(folder.parent.glob("[!.]*"), key=lambda path: path.stat().st_mtime, reverse=True)
    for old in others[CACHED:]:
        shutil.rmtree(old, ignore_errors=True)
