"""Commands that are imported when they are used: Scrapy imports all modules below COMMANDS_MODULE at every start.

Their help is put into the user's language here.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from functools import cached_property
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType
from typing import Any, ClassVar

from scrapy.commands import ScrapyCommand

from newsspider.cli.program.help import translate
from newsspider.messages import _


class Deferred:
    """A command in all that is asked of it; its module `home` is imported at the first question."""

    def __init__(self, home: str) -> None:
        self.__dict__["_home"] = home

    @cached_property
    def _command(self) -> ScrapyCommand:
        command: ScrapyCommand = import_module(self._home).Command()
        return command

    def short_desc(self) -> str:
        return _(self._command.short_desc())

    def long_desc(self) -> str:
        return _(self._command.long_desc())

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add the options of the command, with their help in the user's language."""
        self._command.add_options(parser)
        translate(parser)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._command, name)

    def __setattr__(self, name: str, value: object) -> None:
        setattr(self._command, name, value)


class DeferredCommand(ScrapyCommand):
    """What Scrapy takes for the class of a command, and calls for an object of it."""

    home: ClassVar[str]

    def __new__(cls) -> Any:
        return Deferred(cls.home)


class DeferringFinder(MetaPathFinder, Loader):
    """Finds for each module of the package `homes` one below `names`, whose Command is a DeferredCommand."""

    def __init__(self, names: str, homes: str) -> None:
        self._names, self._homes = names, homes

    def install(self) -> None:
        if not any(isinstance(finder, DeferringFinder) and finder._names == self._names for finder in sys.meta_path):
            sys.meta_path.insert(0, self)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if not fullname.startswith(f"{self._names}."):
            return None
        home = find_spec(self._homes + fullname.removeprefix(self._names))
        if home is None:
            return None
        spec = ModuleSpec(fullname, self, origin=home.origin, is_package=home.submodule_search_locations is not None)
        spec.submodule_search_locations = home.submodule_search_locations
        return spec

    def exec_module(self, module: ModuleType) -> None:
        if not hasattr(module, "__path__"):
            home = self._homes + module.__name__.removeprefix(self._names)
            command = type("Command", (DeferredCommand,), {"__module__": module.__name__, "home": home})
            module.__dict__["Command"] = command
