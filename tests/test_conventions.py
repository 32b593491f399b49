"""House rules that a reader would otherwise have to remember."""

from __future__ import annotations

import ast
import re
import runpy
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from benchmarks.invented_sites import SITES

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "newsspider"
# not the copies of a compilation that is going on
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "_compiled" not in path.parts)
GENERIC = [path for path in MODULES if path.parent.name not in ("spiders", "templates")]
FORBIDDEN_NAMES = re.compile(r"utils?|helpers?|managers?|common|misc")
KNOWN_SITES = re.compile(
    r"\b(?:sina|sohu|ifeng|toutiao|baijiahao|people\.com|xinhuanet|thepaper|163\.com|qq\.com|chinanews|huanqiu|cctv"
    r"|gmw|bjnews|jiemian|caixin|yicai|eastmoney|hexun|csdn|youth\.cn)\b",
    re.I,
)
SETTING = re.compile(r"^(?P<name>[A-Z][A-Z0-9_]+)(?:: [^=]+)? = (?P<rest>.*)$")
# a line that says the name itself: nothing more is to be said
SELF_EXPLAINING = {"BOT_NAME", "SPIDER_MODULES", "NEWSPIDER_MODULE", "COMMANDS_MODULE"}


@cache
def nodes(path: Path) -> list[ast.AST]:
    return list(ast.walk(ast.parse(path.read_text("utf-8"))))


def strings(path: Path) -> Iterator[tuple[int, str]]:
    """Yield (line, value) of string constants that are no docstrings."""
    documented = {
        id(node.body[0].value)
        for node in nodes(path)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in nodes(path):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documented:
            yield node.lineno, node.value


def test_every_setting_has_a_reason_or_a_section() -> None:
    lines = (PACKAGE / "settings.py").read_text("utf-8").split("\n")
    sections = 0
    for number, line in enumerate(lines):
        sections += line.startswith("# ---") and line.endswith("---")
        if found := SETTING.match(line):
            assert sections, f"settings.py:{number + 1}: {found['name']} stands in no section"
    assert sections >= 5


def test_every_setting_of_ours_is_in_the_readme() -> None:
    from scrapy.settings import default_settings

    defaults = vars(default_settings)
    readme = (ROOT / "README.md").read_text("utf-8") + (ROOT / "docs" / "operations.md").read_text("utf-8")
    names = [
        found["name"]
        for line in (PACKAGE / "settings.py").read_text("utf-8").split("\n")
        if (found := SETTING.match(line))
    ]
    missing = [name for name in names if name not in defaults and name not in SELF_EXPLAINING and name not in readme]
    assert not missing


def settings_table() -> dict[str, str]:
    """Return name -> default of the tables in docs/operations.md."""
    rows = {}
    for line in (ROOT / "docs" / "operations.md").read_text("utf-8").split("\n"):
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| `") and re.match(r"`[A-Z][A-Z0-9_]+`", cells[0]):
            rows |= dict.fromkeys(re.findall(r"`([A-Z][A-Z0-9_]+)`", cells[0]), cells[1])
    return rows


def test_operations_list_every_setting_with_its_default(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MONGO_URI", "MONGO_DATABASE", "CONTACT_URL"):
        monkeypatch.delenv(name, raising=False)
    values = runpy.run_path(str(PACKAGE / "settings.py"))
    names = {name for name in values if name.isupper() and not name.startswith("_")} - SELF_EXPLAINING
    table = settings_table()
    assert table.keys() == names
    plain = {name: value for name, value in values.items() if name in names and isinstance(value, int | float | None)}
    assert {name: table[name] for name in plain} == {name: str(value) for name, value in plain.items()}


def test_every_setting_of_ours_is_read_somewhere() -> None:
    from scrapy.settings import default_settings

    source = "\n".join(path.read_text("utf-8") for path in MODULES if path.name != "settings.py")
    ours = settings_table().keys() - vars(default_settings).keys() - {"DATA_DIR"}
    assert [name for name in sorted(ours) if f'"{name}"' not in source] == []


def test_generic_code_names_no_site() -> None:
    suspect = re.compile("|".join([KNOWN_SITES.pattern, *(f"{name}-" for name in SITES)]), re.I)
    for path in GENERIC:
        for line, value in strings(path) if suspect.search(path.read_text("utf-8")) else ():
            assert not KNOWN_SITES.search(value), f"{path}:{line}: {value[:80]!r}"
            assert not any(f"{name}-" in value for name in SITES), f"{path}:{line}: {value[:80]!r}"


def test_no_module_is_named_after_nothing() -> None:
    assert [path for path in MODULES if FORBIDDEN_NAMES.fullmatch(path.stem)] == []


def test_page_code_reads_no_clock_and_no_environment() -> None:
    for path in MODULES:
        if path.relative_to(PACKAGE).parts[0] in ("pages", "text", "urls", "fingerprint"):
            called = {node.attr for node in nodes(path) if isinstance(node, ast.Attribute)}
            found = called & {"now", "utcnow", "today", "environ", "getenv", "perf_counter", "monotonic"}
            assert not found, f"{path}: {found}"


def test_environment_is_read_by_settings_alone() -> None:
    # the program names the settings to Scrapy there, and reads nothing
    reads = [path for path in MODULES if path.relative_to(PACKAGE).as_posix() != "cli/program/main.py"]
    found = [path for path in reads if path.name != "settings.py" and "os.environ" in path.read_text("utf-8")]
    assert found == []


def test_broad_except_passes_the_error_on() -> None:
    for path in MODULES:
        for node in nodes(path):
            if isinstance(node, ast.ExceptHandler):
                is_broad = node.type is None or (isinstance(node.type, ast.Name) and node.type.id == "Exception")
                inner = [part for statement in node.body for part in ast.walk(statement)]
                is_passed_on = any(isinstance(part, ast.Raise) for part in inner)
                is_told = any(isinstance(part, ast.Name) and part.id == node.name for part in inner)
                assert not is_broad or is_passed_on or is_told, f"{path}:{node.lineno}"


def test_item_times_are_aware_in_every_truth() -> None:
    for build in SITES.values():
        for truth in build().articles:
            assert truth.published_at is None or truth.published_at.astimezone(UTC) < datetime(2024, 5, 1, tzinfo=UTC)


def test_fixtures_are_what_the_generator_writes(tmp_path: Path) -> None:
    """An edited fixture would be lost with the next `make fixtures`; an edited generator without it is a lie."""
    from benchmarks.invented_sites import write_fixtures

    for name, build in SITES.items():
        write_fixtures(build(), tmp_path)
        written = {path.relative_to(tmp_path): path.read_bytes() for path in sorted((tmp_path / name).rglob("*.*"))}
        recorded = ROOT / "fixtures" / name
        kept = {
            path.relative_to(ROOT / "fixtures"): path.read_bytes()
            for path in sorted(recorded.rglob("*.*"))
            if path.name != "expected.json"
        }
        assert written.keys() == kept.keys()
        assert [path for path in written if written[path] != kept[path]] == []


def test_repository_names_no_machine_and_no_neighbour_folder() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("no git checkout: nothing to list")
    for name in listed.stdout.split():
        path = ROOT / name
        if path.suffix in (".py", ".md", ".txt", ".toml", ".cfg", ".yml", ".yaml", "") and path.is_file():
            found = re.search(r"(?<![\w.])/(?:work|root|home/\w+)/", path.read_text("utf-8", "replace"))
            assert not found or path == Path(__file__), f"{name}: {found and found[0]}"
