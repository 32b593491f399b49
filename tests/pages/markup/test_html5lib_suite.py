"""The tree-construction cases of html5lib-tests: what is visible of a tree is what the lines of the page hold.

Counted are documents as a browser with scripts parses them; text of the head, of raw text elements and of what is not
shown (template, svg, select and their like) is left out on both sides. A page with a slip that is mended is read as
what it was meant to be, and not as the suite has it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from project import ROOT

from newsspider.pages.document import Document
from newsspider.pages.markup.repair import mended

SUITE = ROOT.parent / "shared" / "suites" / "html5lib" / "tree-construction"
FETCHED = datetime(2023, 8, 7, 4, 0, tzinfo=UTC)
UNSEEN = frozenset((
    "head", "script", "style", "title", "textarea", "iframe", "noscript", "noframes", "noembed", "template", "svg svg",
    "math math", "select", "object", "applet", "canvas", "audio", "video", "datalist",
))  # fmt: skip
# plaintext in a template, in svg or in a link; `</` at the end of a page; a document that is not one
KNOWN = 5

pytestmark = pytest.mark.skipif(not SUITE.is_dir(), reason="../shared/suites/html5lib is not there")


def cases(path: Path) -> Iterator[tuple[str, str]]:
    """Yield (markup, tree) of the documents of a file."""
    for block in re.split(r"(?:\A|\n\n)#data\n", path.read_text("utf-8", "surrogatepass"))[1:]:
        markup, _, rest = block.partition("\n#errors")
        if "#document-fragment" in rest or "#script-off" in rest:
            continue
        yield markup, rest.partition("#document\n")[2]


def visible(tree: str) -> str:
    """Return the characters of a tree that a reader sees, without white space."""
    nodes: list[list[str]] = []
    for line in tree.split("\n"):
        if line.startswith("| "):
            nodes.append([line[2:]])
        elif nodes:
            nodes[-1].append(line)
    path: list[str] = []
    shown: list[str] = []
    for node in ("\n".join(lines) for lines in nodes):
        content = node.lstrip(" ")
        depth = (len(node) - len(content)) // 2
        del path[depth:]
        path.append(content[1:].partition(">")[0] if content.startswith("<") else "")
        if content.startswith('"') and UNSEEN.isdisjoint(path):
            shown.append(content.rstrip("\n")[1:-1])
    return "".join("".join(shown).split())


def test_visible_characters_agree() -> None:
    wrong: list[str] = []
    total = 0
    for path in sorted(SUITE.glob("*.dat")):
        for markup, tree in cases(path):
            total += 1
            document = Document.from_text(markup, "https://hekou.example/", FETCHED)
            found = "".join("".join(line.text for line in document.lines).split())
            if found != visible(tree) and mended(markup) == markup:
                wrong.append(f"{path.name}: {markup!r}: {found!r} and not {visible(tree)!r}")
    assert total > 1_000
    assert len(wrong) <= KNOWN, "\n".join(wrong)
