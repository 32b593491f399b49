"""Tables and lines."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime

import pytest
from rich.cells import cell_len

from newsspider.cli.console import print_rows
from newsspider.printable import printable

ESCAPE = re.compile(r"\x1b\[[0-9;]*m")
MOMENT = datetime(2024, 4, 26, 1, 2, 3, tzinfo=UTC)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_pipe_gets_tab_separated_lines() -> None:
    stream = io.StringIO()
    print_rows(("time", "title"), [(MOMENT, "一\t二\n三"), (None, "")], stream)
    assert stream.getvalue() == "time\ttitle\n2024-04-26T01:02:03Z\t一 二 三\n\t\n"


def test_terminal_gets_a_table_whose_columns_stand_below_each_other() -> None:
    stream = Terminal()
    print_rows(("title", "n"), [("中文标题", 1), ("ascii", 2)], stream)
    lines = [line for line in ESCAPE.sub("", stream.getvalue()).splitlines() if line.strip()]
    assert lines[0].split() == ["title", "n"]
    # a Chinese character is two columns wide
    assert lines[-2].index("1") + 4 == lines[-1].index("2")


def test_nothing_steers_the_terminal() -> None:
    assert printable("a\x1b[31mb\x07\u202ec\u200b") == "a[31mbc"
    assert printable("[red]x[/red]") == "[red]x[/red]"


def shown(columns: tuple[str, ...], row: tuple[str, ...]) -> list[str]:
    stream = Terminal()
    print_rows(columns, [row], stream)
    return [line.rstrip() for line in ESCAPE.sub("", stream.getvalue()).splitlines() if line.strip()]


@pytest.mark.parametrize("width", [60, 80, 200])
def test_a_table_fits_the_terminal_and_narrow_columns_stay_whole(monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    lines = shown(("time", "site", "title"), ("2024-04-26 09:02", "a.example", "长标题" * 40))
    assert all(cell_len(line) <= width for line in lines)
    assert "2024-04-26 09:02 " in lines[2] and "a.example " in lines[2]
    assert lines[2].endswith("…")
    assert len(lines) == 3


def test_id_is_never_cut_and_empty_columns_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    stream, key = Terminal(), "site.example/" + "0123456789" * 6
    print_rows(("title", "copy of", "id"), [("一" * 40, None, key)], stream)
    lines = [line for line in ESCAPE.sub("", stream.getvalue()).splitlines() if line.strip()]
    assert lines[0].split() == ["title", "id"]
    assert "".join(line.split()[-1] for line in lines[2:]) == key
