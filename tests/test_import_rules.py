"""Who may import whom: read from the source, so that an import inside a function counts as well."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "newsspider"
LEAVES = ("text", "boilerplate", "urls", "items", "fingerprint")
# leaves that take others: boilerplate is matched on squeezed lines, fingerprints are taken over what it leaves
TAKEN = {("boilerplate", "text"), ("fingerprint", "text"), ("fingerprint", "boilerplate")}
# what reads saved pages without a crawl, for the commands
OFFLINE = {"extraction", "goldens"}
CRAWLING = {"scrapy", "twisted", "itemadapter"}
DATABASES = {"pymongo", "bson", "gridfs"}
# group -> the groups of our own that it may import beside itself
ALLOWED: dict[str, set[str]] = {
    "leaf": set(),
    "pages": {"leaf"},
    "mongo": {"leaf"},
    "pipelines": {"leaf", "mongo", "core"},
    "spiders": {"leaf", "pages", "core"},
    "core": {"leaf", "pages", "mongo"},
    "settings": set(),
    "offline": {"leaf", "pages", "pipelines", "core"},
    "commands": {"leaf", "pages", "mongo", "pipelines", "spiders", "core", "settings", "offline"},
}
ALONE = {"leaf", "pipelines", "spiders"}


def modules() -> list[Path]:
    return [path for path in sorted(PACKAGE.rglob("*.py")) if "templates" not in path.parts]


def dotted(path: Path) -> str:
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    return name.removesuffix(".__init__")


def group(module: str) -> str:
    """Return the group of one of our modules; a leaf may be split into `<leaf>_<part>`, the rest at the top is core."""
    parts = module.split(".")
    if len(parts) < 2 or parts[1] == "__init__":
        return "leaf"
    if family(module) in LEAVES:
        return "leaf"
    if parts[1] in OFFLINE:
        return "offline"
    return parts[1] if parts[1] in ALLOWED else "core"


def family(module: str) -> str:
    """Return the leaf that a module at the top is or is part of: fingerprint for newsspider.fingerprint_text."""
    return module.split(".")[1].partition("_")[0]


def is_part_of_leaf(module: str, target: str) -> bool:
    """A leaf's parts know each other; what else a leaf may take is in TAKEN."""
    return family(target) == family(module) or (family(module), family(target)) in TAKEN


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Yield (line, dotted module) of every import; `from newsspider.pages import x` counts as newsspider.pages.x."""
    tree = ast.parse(path.read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            for alias in node.names:
                name = f"{node.module}.{alias.name}"
                is_module = (ROOT / Path(*name.split("."))).with_suffix(".py").exists()
                yield node.lineno, name if is_module else str(node.module)


def own(module: str) -> bool:
    return module.split(".")[0] == "newsspider"


@pytest.mark.parametrize("path", modules(), ids=dotted)
def test_module_imports_only_what_its_place_allows(path: Path) -> None:
    here, module = group(dotted(path)), dotted(path)
    for line, target in imports(path):
        if not own(target) or target in ("newsspider", module):
            continue
        there = group(target)
        where = f"{path.relative_to(ROOT)}:{line} imports {target}"
        assert there == here or there in ALLOWED[here], f"{where}: {here} may import {sorted(ALLOWED[here])}"
        is_part = is_part_of_leaf(module, target) if here == "leaf" else target.startswith((f"{module}.", f"{module}_"))
        is_sibling = there == here and here in ALONE and not is_part
        assert not is_sibling, f"{where}: one of {here} may not import another"


@pytest.mark.parametrize("path", modules(), ids=dotted)
def test_foreign_imports_stay_in_their_places(path: Path) -> None:
    here = group(dotted(path))
    for line, target in imports(path):
        top = target.split(".")[0]
        where = f"{path.relative_to(ROOT)}:{line} imports {target}"
        if here in ("leaf", "pages", "mongo"):
            assert top not in CRAWLING, f"{where}: {here} knows no crawler"
        if here != "mongo":
            assert top not in DATABASES, f"{where}: newsspider/mongo is the only importer of pymongo"


def test_commands_are_imported_by_nobody_else() -> None:
    for path in modules():
        if group(dotted(path)) != "commands":
            assert not [target for _, target in imports(path) if target.startswith("newsspider.commands")], path


def test_rules_know_every_place_of_the_package() -> None:
    folders = {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()}
    assert folders <= ALLOWED.keys()
