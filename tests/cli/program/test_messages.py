"""The catalogues of messages: complete, current, with the placeholders of the English text; and what users see."""

from __future__ import annotations

import argparse
import ast
import gettext
import importlib
import pkgutil
import re
import string
from collections.abc import Iterator
from typing import Any

import pytest
from babel.messages.pofile import read_po
from project import ROOT
from scrapy.commands import ScrapyCommand
from scrapy.settings import Settings

from newsspider import commands, messages
from newsspider.cli.program.help import columns, translate, wrapped
from newsspider.mongo.archive import COUNTED_FIELDS, GROUPINGS

PACKAGE = ROOT / "newsspider"
CATALOGUE = messages.CATALOGUES / "zh_CN" / "LC_MESSAGES"
MARKS = {"_": 1, "N_": 1, "ngettext": 2}
# columns that are names of fields, not headings of a table on a terminal
FIELD_COLUMNS = {"newsspider.cli.exporting.export.COLUMNS", "newsspider.cli.sites.seed_files.COLUMNS"}
HEADINGS = re.compile(r"(?!PIPED|EDGE)(?:\w+_)?COLUMNS\Z|BEIJING_TIME\Z")


def marked() -> Iterator[str]:
    """Yield the messages that the code marks."""
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MARKS:
                for argument in node.args[: MARKS[node.func.id]]:
                    if isinstance(argument, ast.Constant):
                        yield argument.value


def command_modules() -> list[str]:
    prefix = f"{commands.__name__}."
    return [module.name for module in pkgutil.walk_packages(commands.__path__, prefix) if not module.ispkg]


def parser_of(name: str) -> argparse.ArgumentParser:
    command: ScrapyCommand = importlib.import_module(name).Command()
    command.settings = Settings()
    command.settings.setmodule("newsspider.settings")
    parser = argparse.ArgumentParser(prog="scrapy", description=command.long_desc(), conflict_handler="resolve")
    command.add_options(parser)
    return parser


def in_help() -> Iterator[str]:
    """Yield the messages of the help of all commands."""
    for name in command_modules():
        parser = parser_of(name)
        yield importlib.import_module(name).Command().short_desc()
        yield parser.description or ""
        for group in parser._action_groups:
            yield from (group.title or "", group.description or "")
        yield from (action.help for action in parser._actions if action.help and action.help != argparse.SUPPRESS)


def headings() -> Iterator[str]:
    """Yield the headings of tables."""
    yield from (*COUNTED_FIELDS, *GROUPINGS)
    for folder in ("cli", "commands"):
        for found in pkgutil.walk_packages([str(PACKAGE / folder)], f"newsspider.{folder}."):
            for name, value in vars(importlib.import_module(found.name)).items():
                if HEADINGS.match(name) and f"{found.name}.{name}" not in FIELD_COLUMNS:
                    yield from [value] if isinstance(value, str) else value


def all_messages() -> set[str]:
    return {*marked(), *in_help(), *headings()} - {""}


def catalogue() -> list[tuple[tuple[str, ...], str]]:
    """Return (the message, or its singular and plural; the translation) of each entry."""
    with (CATALOGUE / "newsspider.po").open("rb") as stream:
        entries = [entry for entry in read_po(stream) if entry.id]
    return [
        (entry.id, entry.string[-1]) if isinstance(entry.id, tuple) else ((entry.id,), entry.string)
        for entry in entries
    ]


def translations() -> dict[str, str]:
    return {message: text for ids, text in catalogue() for message in ids}


def test_every_message_has_a_translation_and_none_is_left_over() -> None:
    wanted, there = all_messages(), translations()
    assert sorted(wanted - there.keys()) == []
    assert sorted(there.keys() - wanted) == []
    assert [message for message, text in there.items() if not text] == []


def placeholders(text: str) -> tuple[list[str], list[str]]:
    try:
        named = [f"{name}!{conversion}:{form}" for _, name, form, conversion in string.Formatter().parse(text) if name]
    except ValueError:  # braces that are no placeholders
        named = []
    return sorted(named), sorted(re.findall(r"%\(\w+\)[sr]|%[sr%]", text))


def test_placeholders_agree() -> None:
    differing = {m: t for m, t in translations().items() if placeholders(m) != placeholders(t)}
    assert differing == {}


def test_compiled_catalogue_is_that_of_the_text() -> None:
    """`make messages` compiles it."""
    with (CATALOGUE / "newsspider.mo").open("rb") as stream:
        compiled = gettext.GNUTranslations(stream)
    for ids, text in catalogue():
        assert (compiled.gettext(*ids) if len(ids) == 1 else compiled.ngettext(*ids, 2)) == text


def test_a_language_is_chosen_as_gettext_does_it(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")  # the first that is set decides
    for name in names:
        monkeypatch.delenv(name, raising=False)
    assert messages._("title") == "title"
    for name in reversed(names):
        monkeypatch.setenv(name, "zh_CN.UTF-8")
        assert messages._("title") == "标题", name
        monkeypatch.setenv(name, "en_US.UTF-8")
        assert messages._("title") == "title", name
    monkeypatch.setenv("LANGUAGE", "de:zh_CN:en")
    assert messages._("title") == "标题"
    assert messages._("a message that nobody translates") == "a message that nobody translates"
    assert messages._("") == ""


def test_help_is_translated_and_fits_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "zh_CN")
    monkeypatch.setenv("COLUMNS", "80")
    for name in command_modules():
        parser = parser_of(name)
        translate(parser)
        shown = parser.format_help()
        for heading in re.findall(r"^(.+)\n([=-]{4,})$", shown, re.M):
            assert columns(heading[0]) == len(heading[1]), heading
        body = shown.partition("\n\n")[2]
        assert all(columns(line) <= 80 for line in body.splitlines()), name
        assert "显示此帮助信息并退出" in shown


def test_lines_without_spaces_are_broken_and_punctuation_begins_none() -> None:
    text = "读取已保存的网页（或含 page.html 和 meta.json 的目录），每行打印一个 JSON 对象。"
    lines = list(wrapped(text, 20))
    assert all(columns(line) <= 22 for line in lines)
    assert not any(line[0] in "，。）" for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


CHINESE = {"LANGUAGE": None, "LC_ALL": None, "LC_MESSAGES": None, "LANG": "zh_CN.UTF-8"}


def test_errors_and_summaries_are_chinese_and_what_programs_read_is_not(run_scrapy: Any) -> None:
    crawl = run_scrapy("crawl", "linhe", "-s", "REPLAY=fixtures/linhe", "-a", "sample=3", env=CHINESE)
    assert re.search(r"新增 3 篇，修订 0 篇，无变化 0 篇（其中转载 \d+ 篇），存于mongodb://", crawl.stderr)
    assert crawl.stdout.startswith("title\tsource\tpublished_at\tid\n")
    wrong = run_scrapy("articles", "lst", env=CHINESE)
    assert wrong.returncode == 2
    assert "错误：未指定操作，可用：list" in wrong.stderr
    ascii_only = run_scrapy("articles", "show", "no/such.html", env={**CHINESE, "PYTHONIOENCODING": "ascii"})
    assert ascii_only.returncode == 1
    assert "\\u6ca1\\u6709\\u6587\\u7ae0" in ascii_only.stderr
    listed = run_scrapy("articles", "list", "--json", env=CHINESE)
    assert listed.stdout.startswith('{"_id": "')
