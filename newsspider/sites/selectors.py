"""The selectors of a page class: those that nothing reads, and those that are neither CSS nor XPath."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from lxml import etree
from lxml.cssselect import CSSSelector

from newsspider.pages.article import ArticlePage

ENDINGS = ("_selector", "_selectors")


def selectors(page_class: type[ArticlePage]) -> Iterator[tuple[str, object]]:
    """Yield (attribute, selector) of a page class: `*_selector`, and each one of `*_selectors`."""
    for name in dir(page_class):
        if name.endswith(ENDINGS):
            value = getattr(page_class, name)
            yield from ((name, part) for part in (value if isinstance(value, list | tuple) else [value]) if part)


def selector_problems(page_class: type[ArticlePage]) -> Iterator[str]:
    """Yield a line for every selector of a page class that nothing reads, or that is neither CSS nor XPath."""
    known = [name for name in dir(ArticlePage) if name.endswith(ENDINGS)]
    for name, selector in selectors(page_class):
        if name not in known:
            near = get_close_matches(name, known, 1, 0.5)
            meant = f": do you mean {near[0]}?" if near else f": there are {', '.join(known)}"
            yield f"{page_class.__name__}.{name}: nothing reads it{meant}"
        elif not isinstance(selector, str) or not is_selector(selector):
            yield f"{page_class.__name__}.{name}: {selector!r} is neither CSS nor XPath"


def is_selector(text: str) -> bool:
    """Return True if `text` compiles as XPath (it starts with / or .) or as CSS."""
    try:
        if text.lstrip("(").startswith(("/", "./")):
            etree.XPath(text)
        else:
            CSSSelector(text.split("::")[0])
    except (etree.XPathError, SyntaxError, ValueError):
        return False
    return True
