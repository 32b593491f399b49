"""Tables and lines."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime

import pytest

from newsspider.cli.console import column_widths, print_rows, printable

ESCAPE = re.compile(r"\x1b\[[0-9;]*m")
MOMENT = datetime(2024, 4, 26, 1, 2, 3, tzinfo=UTC)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_pipe_gets_tab_separated_lines() -> None:
    stream = io.StringIO()
    print_rows(("time", "title"), [(MOMENT, "一\t二\n三"), (None, "")], stream)
    assert stream.getvalue() == "2024-04-26T01:02:03Z\t一 二 三\n\t\n"


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


@pytest.mark.parametrize(
    ("natural", "total", "widths"),
    [
        ([16, 10, 50, 60], 200, [16, 10, 50, 60]),
        ([16, 10, 50, 60], 100, [16, 10, 34, 34]),
        ([16, 10, 25, 60], 100, [16, 10, 25, 43]),
        ([16, 10, 50, 60], 20, [16, 10, 12, 12]),
    ],
)
def test_narrow_columns_stay_whole(natural: list[int], total: int, widths: list[int]) -> None:
    assert column_widths(natural, total) == widths


@pytest.mark.parametrize(
    ("total", "widths"),
    [(200, [16, 10, 50, 60]), (120, [16, 10, 28, 60]), (80, [16, 10, 24, 24]), (20, [16, 10, 12, 12])],
)
def test_id_is_served_before_other_wide_columns(total: int, widths: list[int]) -> None:
    assert column_widths([16, 10, 50, 60], total, whole=3) == widths


def test_id_is_never_cut_and_empty_columns_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    stream, key = Terminal(), "site.example/" + "0123456789" * 6
    print_rows(("title", "copy of", "id"), [("一" * 40, None, key)], stream)
    lines = [line for line in ESCAPE.sub("", stream.getvalue()).splitlines() if line.strip()]
    assert lines[0].split() == ["title", "id"]
    assert "".join(line.split()[-1] for line in lines[2:]) == key
