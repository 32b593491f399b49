"""Rows as records of XML: in a script of the page (`<script type="text/xml">`), or in the answer of its URL.

A record holds either a piece of HTML in CDATA, or an element per field (title, link, date).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from typing import Any, Final

from lxml import etree

MAX_RECORDS: Final = 2_000
MAX_CHARACTERS: Final = 5_000_000
_DECLARATION: Final = re.compile(r"\s*(?:<\?xml[^>]{0,300}\?>|<!--.*?-->|<!\[CDATA\[|//[^\n<]*\n|\s)*", re.DOTALL)
_START: Final = re.compile(
    r"<(?!html|!doctype|body|head|div|ul|ol|li|table|tr|p|a|script)[A-Za-z_][\w.\-]*[\s>/]", re.I
)
_LINK: Final = re.compile(r"<a\s[^>]{0,600}?\bhref\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s>]+)", re.IGNORECASE)
_NEXT_NAME: Final = re.compile(r"next|more", re.IGNORECASE)
_ROW_TAG: Final = re.compile(r"\s*<(tr|td|li|dd|dt)\b", re.IGNORECASE)
_AROUND: Final = {"tr": "table", "td": "table", "li": "ul", "dd": "dl", "dt": "dl"}


@dataclass(slots=True)
class Records:
    """`markup` is the HTML of the records, joined; `rows` are the fields of records without any.

    `next_href` is the URL of the records after these as it is written, None where none is named.
    """

    markup: str = ""
    rows: list[dict[str, Any]] = field(default_factory=list)
    next_href: str | None = None


def xml_records(text: str) -> Records | None:
    """Return the records of an XML text, None where it is not XML or holds none."""
    start = _DECLARATION.match(text, 0, 2_000)
    text = text[start.end() if start else 0 :][:MAX_CHARACTERS]
    if not _START.match(text):
        return None
    root = _tree(text)
    if root is None:
        return None
    found = Records(next_href=_next_href(root))
    pieces = [piece for piece in _markup_pieces(root) if not _is_next(piece[0])]
    found.markup = _joined([markup for _, markup in pieces[:MAX_RECORDS]])
    if not found.markup:
        found.rows = list(_field_rows(root))[:MAX_RECORDS]
    return found if found.markup or found.rows or found.next_href else None


def _tree(text: str) -> Any:
    parser = etree.XMLParser(
        recover=True, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True, remove_comments=True
    )
    try:
        return etree.fromstring(text.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:
        return None


def _markup_pieces(root: Any) -> Iterator[tuple[Any, str]]:
    """Yield (element, HTML) of the elements whose text is a piece of HTML with a link."""
    for element in root.iter():
        if isinstance(element.tag, str) and element.text and _LINK.search(element.text):
            yield element, element.text


def _is_next(element: Any) -> bool:
    return _NEXT_NAME.search(etree.QName(element).localname) is not None


def _next_href(root: Any) -> str | None:
    for element in root.iter():
        if isinstance(element.tag, str) and _is_next(element) and element.text and element.text.strip():
            link = _LINK.search(element.text)
            href = unescape(link[1].strip("\"'")) if link else element.text.strip()
            if "/" in href or href.startswith("?"):
                return href
    return None


def _joined(pieces: list[str]) -> str:
    """Return the pieces inside the element that their tags belong in."""
    if not pieces:
        return ""
    first = _ROW_TAG.match(pieces[0])
    around = _AROUND[first[1].lower()] if first else "div"
    if around == "div":
        pieces = [f"<div>{piece}</div>" for piece in pieces]
    return f"<{around}>{''.join(pieces)}</{around}>"


def _field_rows(root: Any) -> Iterator[dict[str, Any]]:
    """Yield name -> text of the elements whose children are fields: text, no elements of their own."""
    for element in root.iter():
        children = [child for child in element if isinstance(child.tag, str)] if isinstance(element.tag, str) else []
        fields = {etree.QName(child).localname: (child.text or "").strip() for child in children if not len(child)}
        attributes = dict(element.attrib) if isinstance(element.tag, str) else {}
        if len(fields) == len(children) and len(fields) + len(attributes) >= 2:
            yield {**attributes, **fields}
