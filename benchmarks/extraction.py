"""Compares extractors on the same saved pages in one run, each in a process of its own with the network switched off.

    python benchmarks/extraction.py DIR GOLD [--only NAME ...] [--worst 10] [--markdown]

DIR holds <id>.html, GOLD one JSON object a line: id, kind, title, publish_time, source, author, content, accept, skip.
The measure: multisets of 4-character shingles of the folded text without white space, precision and recall a page and
the mean over pages; a field is right if it is equal after folding, and what is given where gold has none counts as
false. CPU is user plus system time of the process per page, in the fastest round after an unmeasured one, also as a
multiple of a bare parse.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from newsspider.text.zone import BEIJING  # noqa: E402

RUNNER = Path(__file__).with_name("extractors.py")
BENCH_PYTHON = ROOT / ".venv-bench" / "bin" / "python"
OURS = ("newsspider", "newsspider compiled", "lxml parse")
OTHERS = ("gne", "trafilatura", "newspaper4k", "readability", "goose3", "boilerpy3", "resiliparse")
# reads Chinese pages with English stop words: only when asked for
ON_REQUEST = ("news-please",)
FIELDS = ("title", "publish_time", "source", "author")
SHINGLE = 4
GOOD_F1, FAIR_F1 = 0.98, 0.90
INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad\ufffd"))
WHITE_SPACE = re.compile(r"\s+")
NAME_LABEL = re.compile(r"\A(?:(?:稿件|信息|文章|内容|本文)?来源于?|出处|作者|撰文|采写|执笔|记者|文)[::/|]+")
NAME_SEPARATORS = re.compile(r"[,、;&/|·]+")
TIME = re.compile(
    r"(\d{4})\s?[-/.年]\s?(\d{1,2})\s?[-/.月]\s?(\d{1,2})\s?日?"
    r"(?:[T\s,-]{0,4}(\d{1,2})\s?[::时点]\s?(\d{1,2}))?(?:\s?[::分]\s?(\d{1,2})(?:\.\d{1,6})?)?\s?(Z|[+-]\d\d:?\d\d)?"
)


@dataclass(slots=True)
class Score:
    """One extractor's result; `f1` by page id, fields as [right, wrong or absent, false], `given`: what it knows."""

    name: str
    version: str
    pages: int
    milliseconds: float
    errors: int
    precision: list[float] = field(default_factory=list)
    recall: list[float] = field(default_factory=list)
    f1: dict[str, float] = field(default_factory=dict)
    fields: dict[str, list[int]] = field(default_factory=lambda: {name: [0, 0, 0] for name in FIELDS})
    given: set[str] = field(default_factory=set)
    wrong: list[tuple[str, str, Any, Any]] = field(default_factory=list)


def folded(text: str | None) -> str:
    return WHITE_SPACE.sub("", unicodedata.normalize("NFKC", text or "").translate(INVISIBLE))


def shingles(text: str | None) -> Counter[str]:
    flat = folded(text)
    if len(flat) < SHINGLE:
        return Counter([flat] if flat else [])
    return Counter(flat[start : start + SHINGLE] for start in range(len(flat) - SHINGLE + 1))


def overlap(gold: str, found: str | None) -> tuple[float, float, float]:
    """Return precision, recall and F1 of the shingles of `found`; zeros where either side is empty."""
    wanted, given = shingles(gold), shingles(found)
    common = (wanted & given).total()
    if not common:
        return 0.0, 0.0, 0.0
    precision, recall = common / given.total(), common / wanted.total()
    return precision, recall, 2 * precision * recall / (precision + recall)


def name_key(text: str) -> str:
    return NAME_SEPARATORS.sub("", NAME_LABEL.sub("", folded(text))).casefold()


def moment(text: str) -> tuple[tuple[int, ...], tuple[int, int] | None] | None:
    """Return (date, (hour, minute) or None) in China time of the first date in `text`."""
    found = TIME.search(unicodedata.normalize("NFKC", text))
    if not found:
        return None
    day = (int(found[1]), int(found[2]), int(found[3]))
    if found[4] is None:
        return day, None
    try:
        value = datetime(*day, int(found[4]), int(found[5]), tzinfo=_zone(found[7])).astimezone(BEIJING)
    except ValueError:
        return None
    return (value.year, value.month, value.day), (value.hour, value.minute)


def _zone(offset: str | None) -> timezone:
    if offset is None:
        return BEIJING
    if offset == "Z":
        return UTC
    minutes = int(offset[1:3]) * 60 + int(offset[-2:])
    return timezone(timedelta(minutes=minutes if offset[0] == "+" else -minutes))


def is_equal(name: str, gold: str, found: str) -> bool:
    if name == "title":
        return folded(gold) == folded(found)
    if name != "publish_time":
        return name_key(gold) == name_key(found)
    wanted, given = moment(gold), moment(found)
    if wanted is None or given is None:
        return False
    return wanted[0] == given[0] if wanted[1] is None else wanted == given


def judge(score: Score, gold: dict[str, Any], found: dict[str, Any]) -> None:
    """Add one page to `score`."""
    for name in FIELDS:
        if name not in gold.get("skip", ()) and name in gold:
            _judge_field(score, name, gold, found.get(name))
    if gold.get("kind", "article") == "article":
        precision, recall, f1 = overlap(gold["content"], found.get("content"))
        score.precision.append(precision)
        score.recall.append(recall)
        score.f1[gold["id"]] = f1


def _judge_field(score: Score, name: str, gold: dict[str, Any], found: str | None) -> None:
    found = found if found and found.strip() else None
    accepted = [gold[name], *(gold.get("accept") or {}).get(name, [])]
    is_right = any(is_equal(name, answer, found) if answer and found else answer is found for answer in accepted)
    if gold[name] is None:
        score.fields[name][2] += not is_right
    else:
        score.fields[name][0 if is_right else 1] += 1
    if not is_right:
        score.wrong.append((gold["id"], name, gold[name], found))


def run(name: str, pages: Path) -> tuple[dict[str, Any], list[dict[str, Any]]] | None:
    """Run one extractor in its own process; return its head line and a row a page, None if it is not installed."""
    python = Path(sys.executable) if name in OURS else BENCH_PYTHON
    if not python.exists():
        return None
    environment = {key: value for key, value in os.environ.items() if not key.lower().endswith("_proxy")}
    with tempfile.TemporaryDirectory() as folder:
        path = copied(Path(folder)) if "newsspider" in name else ROOT
        if "compiled" in name and compiled(path).returncode:
            print(f"{name}: left out: it needs gcc, Python's headers and mypyc (make setup-dev)", file=sys.stderr)
            return None
        environment |= {"PYTHONPATH": str(path), "PYTHONDONTWRITEBYTECODE": "1"}
        command = [str(python), str(RUNNER), name, str(pages)]
        finished = subprocess.run(command, capture_output=True, env=environment, check=False, timeout=1800)
    if finished.returncode:
        reason = finished.stderr.decode("utf-8", "replace").strip().split("\n")[-1]
        print(f"{name}: left out: {reason}", file=sys.stderr)
        return None
    head, *rows = (json.loads(line) for line in finished.stdout.decode().split("\n") if line.startswith("{"))
    return head, rows


def copied(folder: Path) -> Path:
    """Return `folder` with a copy of the package as Python alone, and what compiles it."""
    left_out = shutil.ignore_patterns("_compiled", "__pycache__")
    shutil.copytree(ROOT / "newsspider", folder / "newsspider", ignore=left_out)
    shutil.copy(ROOT / "setup.py", folder)
    return folder


def compiled(folder: Path, opt_level: int = 2) -> subprocess.CompletedProcess[str]:
    """Compile a copy of the package like `make compile`, or with less optimization in less time."""
    command = [sys.executable, "setup.py", "--quiet", "compile"]
    environment = os.environ | {"MYPYC_OPT_LEVEL": str(opt_level)}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def score_of(name: str, pages: Path, gold: Sequence[dict[str, Any]]) -> Score | None:
    answer = run(name, pages)
    if answer is None:
        return None
    head, rows = answer
    score = Score(name, head["version"], len(rows), head["milliseconds"], sum("error" in row for row in rows))
    by_id = {row["id"]: row for row in rows}
    score.given = {name for row in rows for name, value in row.items() if value}
    for wanted in gold:
        judge(score, wanted, by_id.get(wanted["id"], {}))
    return score


def mean(values: Iterable[float]) -> float:
    values = list(values)
    return sum(values) / len(values) if values else 0.0


def row_of(score: Score, bare_ms: float) -> list[str]:
    f1 = list(score.f1.values())
    cells = [f"{score.name} {score.version}".strip()]
    if "content" in score.given:
        cells += [f"{value:.3f}" for value in (mean(score.precision), mean(score.recall), mean(f1))]
        cells += [f"{mean(value >= limit for value in f1):.2f}" for limit in (FAIR_F1, GOOD_F1)]
    else:
        cells += ["-"] * 5
    cells += [field_cell(*counts) if name in score.given else "-" for name, counts in score.fields.items()]
    ratio = score.milliseconds / bare_ms if bare_ms else 0.0
    return [*cells, f"{score.milliseconds:.1f}", f"{ratio:.1f}", str(score.errors)]


def field_cell(right: int, missed: int, false: int) -> str:
    """Return "0.94 (32/34)", with what was given where gold has nothing: "0.25 (2/8, 5 false)"."""
    if not right + missed:
        return "-"
    return f"{right / (right + missed):.2f} ({right}/{right + missed}{f', {false} false' if false else ''})"


HEAD = [
    "extractor",
    "P",
    "R",
    "F1",
    f"F1>={FAIR_F1:.2f}",
    f"F1>={GOOD_F1:.2f}",
    *FIELDS,
    "CPU ms/page",
    "x parse",
    "errors",
]


def show(rows: Sequence[Sequence[str]], is_markdown: bool) -> None:
    if is_markdown:
        for index, cells in enumerate(rows):
            print("| " + " | ".join(cells) + " |")
            if index == 0:
                print("|" + "---|" * len(cells))
        return
    widths = [max(len(cells[column]) for cells in rows) for column in range(len(HEAD))]
    for cells in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip())


def show_worst(score: Score, count: int, is_with_fields: bool) -> None:
    print(f"\nworst pages of {score.name}")
    for page, f1 in sorted(score.f1.items(), key=lambda item: (item[1], item[0]))[:count]:
        print(f"  {page:24} F1 {f1:.4f}")
    if is_with_fields:
        for page, name, wanted, given in score.wrong:
            print(f"  {page:24} {name}: wanted {wanted!r}, got {given!r}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", type=Path, metavar="DIR")
    parser.add_argument("gold", type=Path, metavar="GOLD")
    parser.add_argument("--only", nargs="+", choices=[*OURS, *OTHERS, *ON_REQUEST])
    parser.add_argument("--worst", type=int, default=10)
    parser.add_argument("--fields", action="store_true", help="list every wrong field of this project")
    parser.add_argument("--markdown", action="store_true")
    options = parser.parse_args()
    gold = [json.loads(line) for line in options.gold.read_text("utf-8").splitlines() if line.strip()]
    names = ["lxml parse", *(options.only or ["newsspider", "newsspider compiled", *OTHERS])]
    scores = [score for name in dict.fromkeys(names) if (score := score_of(name, options.pages, gold))]
    bare_ms = next((score.milliseconds for score in scores if score.name == "lxml parse"), 0.0)
    print(f"{len(gold)} pages, {datetime.now(UTC):%Y-%m-%d}, Python {sys.version.split()[0]}, {os.cpu_count()} cores\n")
    show([HEAD, *(row_of(score, bare_ms) for score in scores)], options.markdown)
    if options.worst:
        for score in scores:
            if score.name == "newsspider":
                show_worst(score, options.worst, options.fields)


if __name__ == "__main__":
    main()
