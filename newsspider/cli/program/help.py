"""The help of commands in the user's language: headings and texts translated, lines measured in columns."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from typing import Final

from scrapy.commands import ScrapyHelpFormatter

from newsspider.messages import N_, _

# what is not broken over lines: a word, a wide character; with the punctuation that may not begin a line
_UNIT: Final = re.compile(r"(?:[!-~\u00a0-\u2e7f]+|\S)[，。、；：）」』！？]*|\s+")
_WIDE: Final = re.compile("[\u2e80-\U0003ffff]")

# what argparse says, which looks it up in our catalogue: see `messages.speak`
OF_ARGPARSE: Final = (
    *(N_("options"), N_("positional arguments"), N_("show this help message and exit")),
    *(N_("%(prog)s: error: %(message)s\n"), N_("argument %(argument_name)s: %(message)s")),
    *(N_("invalid choice: %(value)r (choose from %(choices)s)"), N_("invalid %(type)s value: %(value)r")),
    *(N_("expected one argument"), N_("expected at most one argument"), N_("expected at least one argument")),
    *(N_("ignored explicit argument %r"), N_("unrecognized arguments: %s")),
    *(N_("ambiguous option: %(option)s could match %(matches)s"), N_("the following arguments are required: %s")),
)


class HelpFormatter(ScrapyHelpFormatter):
    """Scrapy's form, for texts without spaces between words as well."""

    def format_part_strings(self, part_strings: list[str]) -> list[str]:
        """Underline the headings, and give English ones capitals."""
        return [self._underlined(part, at == 0) for at, part in enumerate(part_strings)]

    def _underlined(self, part: str, is_first: bool) -> str:
        if is_first and part.startswith("usage: "):
            heading = _("Usage")
            return f"{heading}\n{'=' * columns(heading)}\n  {part.removeprefix('usage: ')}"
        if not part.endswith(":\n"):
            return part
        heading = part.removesuffix(":\n")
        heading = heading if _WIDE.search(heading) else heading.title()
        line = "-" if heading.strip() == _("Global Options") else "="
        return f"{heading}\n{line * columns(heading)}\n"

    def _split_lines(self, text: str, width: int) -> list[str]:
        return list(wrapped(text, width)) if _WIDE.search(text) else super()._split_lines(text, width)

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        if not _WIDE.search(text):
            return super()._fill_text(text, width, indent)
        return "\n".join(indent + line for line in wrapped(text, width - len(indent)))


def columns(text: str) -> int:
    """Return how many columns of a terminal `text` takes."""
    from rich.cells import cell_len

    return cell_len(text)


def wrapped(text: str, width: int) -> Iterator[str]:
    """Yield the lines of `text`, at most `width` columns each but for a longer word."""
    line = ""
    for unit in _UNIT.findall(" ".join(text.split())):
        if line.strip() and columns((line + unit).rstrip()) > width:
            yield line.rstrip()
            line = ""
        line += unit if line or unit.strip() else ""
    yield line.rstrip()


def translate(parser: argparse.ArgumentParser) -> None:
    """Put headings and the help of all options into the user's language."""
    parser.formatter_class = HelpFormatter
    for group in parser._action_groups:
        group.title = _(group.title or "")
        group.description = _(group.description or "") or None
    for action in parser._actions:
        if action.help and action.help != argparse.SUPPRESS:
            action.help = _(action.help)
