"""The version of the rules that articles are derived by: it changes with each of them."""

from __future__ import annotations

import hashlib
import inspect
import sys
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

from newsspider import __version__

# what decides on the value of a field, learned weights included
FOLDERS: Final = ("pages", "text", "urls")
MODULES: Final = ("clean.py", "clean_html.py")
DIGITS: Final = 8
_IGNORED: Final = (".pyc", ".pyi")


def rules_version(page_class: type[object]) -> str:
    """Return such as "1.0+3f2a9c41": the release and a hash of the sources that fields are derived by.

    A page class of a site file adds the hash of its module: "1.0+3f2a9c41.77b01e5d".
    """
    general = f"{__version__}+{_general()}"
    if page_class.__module__.startswith("newsspider.pages."):
        return general
    return f"{general}.{_of_module(page_class.__module__)}"


@cache
def _of_module(name: str) -> str:
    try:
        source = inspect.getsource(sys.modules[name])
    except (OSError, TypeError, KeyError):
        source = name
    return hashlib.sha256(source.encode()).hexdigest()[:DIGITS]


@cache
def _general() -> str:
    digest = hashlib.sha256()
    package = files("newsspider")
    wanted = [package / folder for folder in FOLDERS] + [package / "pipelines" / name for name in MODULES]
    for path in wanted:
        for name, part in _files(path):
            digest.update(f"{name}\n".encode())
            digest.update(part.read_bytes())
    return digest.hexdigest()[:DIGITS]


def _files(path: Traversable) -> Iterator[tuple[str, Traversable]]:
    if path.is_file():
        if not path.name.endswith(_IGNORED):
            yield path.name, path
    elif path.is_dir() and path.name != "__pycache__":
        for inner in sorted(path.iterdir(), key=lambda part: part.name):
            yield from _files(inner)
