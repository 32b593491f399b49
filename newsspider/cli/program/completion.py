"""Completion scripts for bash, zsh and fish, made from the commands' own options."""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping
from dataclasses import dataclass
from shlex import quote

from scrapy.cmdline import _get_commands_dict
from scrapy.commands import ScrapyCommand
from scrapy.settings import Settings

PROGRAMS = ("newsspider", "scrapy")
ACTION = re.compile(r"(?:\A|\|)\s*(?:\[options\]\s*)?([a-z][a-z-]+)")


@dataclass(frozen=True, slots=True)
class Words:
    """What may follow the name of a command: `actions` (list, show, ...), and options with their help."""

    summary: str
    actions: tuple[str, ...]
    options: Mapping[str, str]

    @classmethod
    def of(cls, command: ScrapyCommand, settings: Settings) -> Words:
        parser = argparse.ArgumentParser(add_help=False, conflict_handler="resolve")
        command.settings = settings
        command.add_options(parser)
        syntax = command.syntax()
        actions = tuple(dict.fromkeys(ACTION.findall(syntax))) if "|" in syntax else ()
        options = {
            text: (action.help or "").replace("%%", "%")
            for action in parser._actions
            for text in action.option_strings
            if text.startswith("--") and action.help != argparse.SUPPRESS
        }
        return cls(command.short_desc(), actions, options)


def commands(settings: Settings) -> dict[str, Words]:
    """Return the words of each command by its name."""
    found = _get_commands_dict(settings, True)
    return {name: Words.of(command, settings) for name, command in sorted(found.items())}


def bash(known: Mapping[str, Words]) -> str:
    """Return the script for bash; files are completed where no word fits."""
    cases = [
        f"    {name}) words={quote(' '.join([*words.actions, *words.options]))} ;;" for name, words in known.items()
    ]
    return "\n".join(
        [
            "_newsspider() {",
            '  local current="${COMP_WORDS[COMP_CWORD]}" words=""',
            '  if [ "$COMP_CWORD" -eq 1 ]; then',
            f"    words={quote(' '.join(known))}",
            '  else case "${COMP_WORDS[1]}" in',
            *cases,
            "  esac; fi",
            '  COMPREPLY=($(compgen -W "$words" -- "$current"))',
            "}",
            f"complete -o default -F _newsspider {' '.join(PROGRAMS)}",
            "",
        ]
    )


def zsh(known: Mapping[str, Words]) -> str:
    """Return the script for zsh."""
    cases = [f"    {name}) compadd -- {' '.join([*words.actions, *words.options])} ;;" for name, words in known.items()]
    return "\n".join(
        [
            f"#compdef {' '.join(PROGRAMS)}",
            "_newsspider() {",
            "  if (( CURRENT == 2 )); then",
            f"    compadd -- {' '.join(known)}",
            "  else case $words[2] in",
            *cases,
            "  esac; _files; fi",
            "}",
            f"compdef _newsspider {' '.join(PROGRAMS)}",
            "",
        ]
    )


def fish(known: Mapping[str, Words]) -> str:
    """Return the script for fish, with the help of each option."""
    lines = []
    for program in PROGRAMS:
        for name, words in known.items():
            lines.append(f"complete -c {program} -n __fish_use_subcommand -a {name} -d {quote(words.summary)}")
            after = quote(f"__fish_seen_subcommand_from {name}")
            if words.actions:
                lines.append(f"complete -c {program} -n {after} -a {quote(' '.join(words.actions))}")
            for option, text in words.options.items():
                lines.append(f"complete -c {program} -n {after} -l {option.removeprefix('--')} -d {quote(text)}")
    return "\n".join([*lines, ""])


SHELLS = {"bash": bash, "zsh": zsh, "fish": fish}
