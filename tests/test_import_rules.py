"""Who may import whom: read from the source, so that an import inside a function counts as well."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from project import ROOT

PACKAGE = ROOT / "newsspider"
CRAWLING = {"scrapy", "twisted", "itemadapter"}
DATABASES = {"pymongo", "bson", "gridfs"}
NO_CRAWLER = {"items", "text", "urls", "fingerprint", "pages", "mongo", "search"}
MOST_MODULES = 12
# place -> the places that its modules may import beside their own; docs/architecture.md shows the same table
ALLOWED: dict[str, str] = {
    "errors": "",
    "clock": "",
    "stopping": "errors",
    "items": "",
    "text": "",
    "urls": "",
    "responses": "clock items",
    "rules": "",
    "compiled": "",
    "settings": "",
    "exporters": "",
    "printable": "",
    "messages": "",
    "explanation": "items text printable",
    "fingerprint": "text",
    "alarms": "items text",
    "pages/markup": "text",
    "pages": "text urls pages/markup",
    "pages/load_more": "urls pages",
    "pages/listing": "text urls pages pages/markup pages/load_more",
    "pages/byline": "text pages pages/markup",
    "pages/related": "items text urls pages pages/load_more pages/markup",
    "pages/assembly": "items text urls pages pages/markup pages/related pages/listing pages/load_more",
    "pages/learned": "",
    "pages/body": "text pages pages/markup pages/related pages/learned",
    "pages/article": (
        "items text urls pages pages/markup pages/byline pages/related pages/listing pages/load_more "
        "pages/body pages/learned"
    ),
    "mongo/server": "messages errors stopping",
    "mongo/crawl_state": "alarms clock items urls sites/control mongo/server",
    "mongo/daily": "items text sites/control mongo/server",
    "mongo/stories": "clock errors items text urls fingerprint mongo/server mongo/daily",
    "mongo/articles": "alarms clock errors items text urls mongo/server mongo/crawl_state mongo/stories mongo/daily",
    "mongo/upkeep": (
        "messages clock items urls mongo/server mongo/crawl_state mongo/stories mongo/articles errors mongo/daily"
    ),
    "mongo/search": "clock errors items mongo/server",
    "mongo": "messages alarms clock errors items text urls mongo/server mongo/articles mongo/crawl_state mongo/daily",
    "search": "messages alarms clock errors text urls mongo mongo/server mongo/search",
    "sites/quiet_hours": "",
    "sites/control": "text sites/quiet_hours",
    "sites": "errors urls pages pages/article pages/listing sites/quiet_hours",
    "downloadermiddlewares": "clock errors urls",
    "render": "errors downloadermiddlewares responses urls sites",
    "recording": "clock errors items responses downloadermiddlewares",
    "crawl/leased": "urls downloadermiddlewares",
    "crawl/site_knowledge": "text urls pages crawl/leased downloadermiddlewares sites",
    "crawl": (
        "messages errors stopping items text urls pages/listing pages/load_more crawl/leased crawl/site_knowledge "
        "render downloadermiddlewares sites sites/control"
    ),
    "crawl/sending": "stopping items crawl crawl/leased downloadermiddlewares",
    "crawl/traversal": (
        "items rules urls responses pages pages/listing pages/load_more pages/article pages/assembly crawl "
        "crawl/site_knowledge render downloadermiddlewares"
    ),
    "frontier": (
        "alarms clock items responses text urls crawl crawl/leased crawl/site_knowledge downloadermiddlewares "
        "mongo/server mongo/crawl_state mongo/articles sites recording sites/control"
    ),
    "spidermiddlewares": (
        "clock responses crawl crawl/site_knowledge downloadermiddlewares frontier mongo/server mongo/crawl_state"
    ),
    "pipelines": "items text crawl mongo/* sites frontier recording",
    "extensions": (
        "messages alarms clock items text urls mongo mongo/server mongo/search downloadermiddlewares sites/quiet_hours "
        "crawl explanation frontier pages responses search"
    ),
    "site_spider": (
        "items responses crawl crawl/site_knowledge crawl/traversal downloadermiddlewares render pages "
        "pages/article pages/listing sites sites/control"
    ),
    "spiders": "site_spider items text pages pages/article pages/listing",
    "cli": "* -commands",
    "web/plots": "mongo",
    "web": (
        "messages alarms clock errors items printable text urls mongo/* sites/control pipelines search cli web/plots"
    ),
    "commands": "*",
}


def modules() -> list[Path]:
    return [path for path in sorted(PACKAGE.rglob("*.py")) if not {"templates", "_compiled"} & set(path.parts)]


def dotted(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@cache
def place(module: str) -> str:
    """Return the place of one of our modules: the longest folder or module name that the table holds."""
    parts = module.split(".")[1:]
    names = ["/".join(parts[:count]) for count in range(len(parts), 0, -1)]
    return next((name for name in names if name in ALLOWED), "")


@cache
def imports(path: Path) -> list[tuple[int, str]]:
    """Return (line, dotted module) of every import; `from newsspider.pages import x` counts as newsspider.pages.x."""
    return list(_imports(path))


def _imports(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            for alias in node.names:
                name = f"{node.module}.{alias.name}"
                yield node.lineno, name if is_module(name) else str(node.module)


@cache
def is_module(name: str) -> bool:
    path = ROOT / Path(*name.split("."))
    return path.with_suffix(".py").exists() or (path / "__init__.py").exists()


@cache
def allowed(here: str) -> set[str]:
    """Return the places that `here` may import; `folder/*` is a folder with its inner folders."""
    words = ALLOWED[here].split()
    if "*" in words:
        return ALLOWED.keys() - {word.removeprefix("-") for word in words}
    inner = tuple(word.removesuffix("*") for word in words if word.endswith("/*"))
    return {name for name in ALLOWED if name in words or (inner and f"{name}/".startswith(inner))}


def test_modules_import_only_what_their_place_allows() -> None:
    for path in modules():
        if path != PACKAGE / "__init__.py":
            assert_place_allows(path)


def assert_place_allows(path: Path) -> None:
    here = place(dotted(path))
    assert here, f"{path} has no place in the table"
    for line, target in imports(path):
        where = f"{path.relative_to(ROOT)}:{line} imports {target}"
        top = target.split(".")[0]
        if top == "newsspider" and target != "newsspider":
            there = place(target)
            assert there == here or there in allowed(here), f"{where}: {here} may import: {ALLOWED[here] or 'nothing'}"
        if here.split("/")[0] in NO_CRAWLER:
            assert top not in CRAWLING, f"{where}: {here} knows no crawler"
        if not here.startswith("mongo"):
            assert top not in DATABASES, f"{where}: newsspider/mongo is the only importer of pymongo"


def test_one_pipeline_or_site_does_not_import_another() -> None:
    for path in [*PACKAGE.glob("pipelines/*.py"), *PACKAGE.glob("spiders/*.py")]:
        own = (dotted(path), f"{dotted(path)}_")
        siblings = {target for _, target in imports(path) if place(target) == path.parent.name}
        assert not [target for target in siblings if not target.startswith(own)], path


def test_no_module_imports_itself_by_way_of_others() -> None:
    """What `TYPE_CHECKING` imports counts too: two modules that need each other's types are one idea."""
    graph = {dotted(path): {target for _, target in imports(path)} for path in modules() if path.name != "__init__.py"}
    done: set[str] = set()

    def visit(module: str, way: tuple[str, ...]) -> None:
        assert module not in way, " -> ".join((*way, module))
        if module in graph and module not in done:
            for target in graph[module]:
                visit(target, (*way, module))
            done.add(module)

    for module in graph:
        visit(module, ())


def test_folders_are_small_enough_to_be_read_at_a_glance() -> None:
    sizes = Counter(path.parent for path in modules() if path.name != "__init__.py")
    assert {folder: size for folder, size in sizes.items() if size > MOST_MODULES} == {}


def test_architecture_shows_the_table() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    rows = dict(re.findall(r"^\| `([\w/]+)` \| (.*?) \|$", text, re.M))
    assert {name: row.replace("`", "").strip() for name, row in rows.items()} == {
        name: ALLOWED[name] or "nothing" for name in ALLOWED
    }


def test_no_test_imports_another() -> None:
    for path in (ROOT / "tests").rglob("*.py"):
        if not re.search(r"import.*\btest_", path.read_text("utf-8")):
            continue
        found = [target for _, target in imports(path) if target.split(".")[-1].startswith("test_")]
        assert not found, f"{path}: {found}"
