"""What Scrapy finds as COMMANDS_MODULE: the modules of newsspider/commands, each imported when it is used."""

from importlib import import_module

from newsspider.cli.program.deferred import DeferringFinder
from newsspider.messages import speak

HOMES = "newsspider.commands"

__path__ = list(import_module(HOMES).__path__)
DeferringFinder(__name__, HOMES).install()
speak()
