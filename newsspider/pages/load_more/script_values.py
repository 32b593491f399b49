"""String expressions in scripts, evaluated as data and never run.

A name stands for the literal it is assigned somewhere in the page, for the attribute or input it is read from, or for
the page that the list has come to.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

from newsspider.urls.paging import PAGE, with_page_mark

MAX_SCRIPT_CHARACTERS = 400_000
MAX_SCRIPTS = 60
MAX_ASSIGNMENTS = 3_000
MAX_DEPTH = 4
MAX_FUNCTIONS, MAX_HANDLERS = 60, 100
MAX_CALL_CHARACTERS = 100_000
MIN_ROWS = 3

_STRING = r"""(?:"(?:[^"\\\n]|\\.){0,400}"|'(?:[^'\\\n]|\\.){0,400}'|`(?:[^`\\]|\\.){0,400}`)"""
_NAME = r"[A-Za-z_$][\w$]{0,60}"
_QUOTED = r"""(?:"[^"\n]{0,80}"|'[^'\n]{0,80}')"""
_SELECTED = rf"(?:(?:\$|jQuery|document\.(?:getElementById|querySelector))\(\s*(?:{_QUOTED}|this|document|window)\s*\))"
_READ = rf"(?:\.(?:data|attr|val|getAttribute|last|first|find|eq|trim|toString)\(\s*(?:{_QUOTED}|\d{{0,3}})\s*\))"
_ATOM = rf"(?!new\b)(?:\+\+)?(?:{_SELECTED}|{_NAME})(?:{_READ}|\.{_NAME}){{0,6}}(?:\+\+)?"
_WRAPPED = (
    rf"(?:(?:encodeURIComponent|encodeURI|parseInt|Number|String|escape)?\(\s*{_ATOM}(?:\s*\+\s*1)?\s*(?:,\s*10\s*)?\))"
)
_TERM = rf"(?:{_STRING}|{_WRAPPED}|{_ATOM}|\d{{1,8}})"
EXPRESSION = re.compile(rf"{_TERM}(?:\s*\+\s*{_TERM}){{0,16}}")
PREFIX = re.compile(rf"({_ATOM})\s*\+\s*\Z")
_ONE_TERM = re.compile(rf"\s*\+?\s*({_TERM})")
_BRACED = re.compile(r"\{(?!page\})(\w{0,40})\}")
_IN_TEMPLATE = re.compile(r"\$\{([^{}]{1,120})\}")
_ASSIGNED = re.compile(rf"(?:\b(?:var|let|const)\s+|[,;{{(\s]|\bthis\.|\bwindow\.)({_NAME})[\"']?\s*[:=](?!=)\s*")
_FUNCTION = re.compile(
    rf"function\s+({_NAME})\s*\(([\w$,\s]{{1,120}})\)|\b({_NAME})\s*=\s*(?:async\s+)?(?:function\s*)?\(([\w$,\s]{{1,120}})\)"
)
_ARGUMENT = re.compile(r"""\s*("[^"\n]{1,200}"|'[^'\n]{1,200}'|[^,]{1,60})\s*(?:,|\Z)""")
_LITERAL = re.compile(
    r"""(-?\d{1,15})\b(?!\s*[+*/.%\w])|"([^"\n]{0,300})"(?!\s*\+)|'([^'\n]{0,300})'(?!\s*\+)|`([^`\n$]{0,300})`(?!\s*\+)"""
)
_COUNTER = re.compile(r"\A(?:[\w$]*?page_?(?:no|num|number|index|idx)?|\$?(?:pn|pg|num|index|counter|p|n|i))\Z", re.I)
_CURSOR_ASKED = re.compile(r"[?&](?:last|max|min|since|after|before|cursor|start)_?(?:id|news_?id|doc_?id)?=\Z", re.I)
_NOISE_ASKED = re.compile(r"[?&](?:_|t|ts|r|rnd|time|timestamp|v|callback|cb)=\Z")
_NOISE = ("random", "timestamp", "callback")
_DATA_READ = re.compile(
    r"""\.(?:data|attr|getAttribute)\(\s*["'](?:data-)?([\w\-]{1,40})["']\s*\)|\.dataset\.(\w{1,40})"""
)
_INPUT_READ = re.compile(r"\.val\(\s*\)|\.value\b")
_SELECTOR = re.compile(r"""\(\s*["'][#.]?([\w\-]{1,60})["']\s*\)""")
_LOCATIONS = {
    "origin": "{0.scheme}://{0.netloc}",
    "host": "{0.netloc}",
    "hostname": "{0.netloc}",
    "protocol": "{0.scheme}:",
}


@dataclass(slots=True)
class Assembled:
    """A string expression with its names filled in, `{page}` for the counter; the names that counted, and were used."""

    text: str = ""
    counters: list[str] = field(default_factory=list)
    used: set[str] = field(default_factory=set)


class PageScripts:
    """The inline scripts of a page, and what their names stand for."""

    def __init__(self, root: Any, scripts: list[str], base_url: str) -> None:
        self._root = root
        self._place = urlsplit(base_url)
        self._own: dict[int, tuple[dict[str, str], dict[str, str]]] = {}
        self._literals: dict[str, str] = {}
        self._expressions: dict[str, str] = {}
        self._last_id = _last_row_id(root)
        self._literals |= _arguments(scripts, root)
        for index, script in enumerate(scripts):
            self._own[index] = literals, expressions = _assignments(script)
            self._literals |= literals
            self._expressions |= expressions

    def number(self, index: int, name: str) -> str:
        """Return the literal a counter begins with in a script, or elsewhere; "" where it is not known."""
        return self._own[index][0].get(name) or self._literals.get(name, "")

    def assembled(self, index: int, expression: str, before: str = "") -> Assembled | None:
        """Return what an expression of script `index` comes to; None where an unknown name takes part."""
        found = Assembled()
        text = self._text(index, expression, before, found, MAX_DEPTH)
        if text is None:
            return None
        text = _BRACED.sub(lambda name: self._literals.get(name[1], name[0]), with_page_mark(text))
        found.text = text.replace("callback=?", "callback=callback")
        return None if _BRACED.search(text.replace(PAGE, "")) else found

    def _text(self, index: int, expression: str, before: str, found: Assembled, depth: int) -> str | None:
        parts: list[str] = []
        for match in _ONE_TERM.finditer(expression):
            term, so_far = match[1], before + "".join(parts)
            if term == "1" and parts and parts[-1] == PAGE:
                found.counters[-1] += " + 1"
                continue
            if term[0] in "\"'":
                part: str | None = term[1:-1].replace("\\/", "/")
            elif term[0] == "`":
                part = self._template(index, term[1:-1], so_far, found, depth)
            else:
                part = term if term.isdigit() else self._named(index, term, so_far, found, depth)
            if part is None:
                return None
            parts.append(part)
        return "".join(parts)

    def _template(self, index: int, text: str, before: str, found: Assembled, depth: int) -> str | None:
        parts, at = [], 0
        for match in _IN_TEMPLATE.finditer(text):
            parts.append(text[at : match.start()])
            inner = EXPRESSION.fullmatch(match[1].strip())
            value = self._text(index, inner[0], before + "".join(parts), found, depth) if inner else None
            if value is None:
                return None
            parts.append(value)
            at = match.end()
        return "".join([*parts, text[at:]]).replace("\\/", "/")

    def _named(self, index: int, term: str, before: str, found: Assembled, depth: int) -> str | None:
        """Return what a name or a read stands for: `{page}` for a counter, else its one known value."""
        bare = re.sub(r"^(?:encodeURIComponent|encodeURI|parseInt|Number|String|escape)\s*\(", "(", term).strip(
            "() \n\t"
        )
        attribute = self._attribute(term)
        short = _short_name(attribute[0] if attribute else bare)
        literal = self._own[index][0].get(short) or (attribute[1] if attribute else self._literals.get(short))
        if _COUNTER.match(short) and _may_count(literal):
            found.counters.append(short if attribute else term)
            return PAGE
        if literal is not None:
            found.used.add(short)
            return literal
        if place := self._location(bare):
            return place
        expression = self._own[index][1].get(short) or self._expressions.get(short)
        if expression and depth > 0 and expression != term:
            inner = self._text(index, expression, before, found, depth - 1)
            if inner is not None:
                found.used.add(short)
                return inner
        if self._last_id and _CURSOR_ASKED.search(before):
            return self._last_id
        return "1" if _NOISE_ASKED.search(before) or short in _NOISE else None

    def _attribute(self, term: str) -> tuple[str, str] | None:
        """Return (name, value) of the data- attribute or input that a term reads, from the element it selects."""
        selected = _SELECTOR.search(term)
        name = selected[1] if selected else None
        if data := _DATA_READ.search(term):
            asked = re.sub(r"(?<=[a-z])([A-Z])", r"-\1", data[1] or data[2]).lower()
            value = self._data(f"data-{asked}", name, is_last=".last(" in term)
            return (asked.replace("-", ""), value) if value is not None else None
        if name and _INPUT_READ.search(term):
            found = self._root.xpath("//input[@id=$n or @name=$n]", n=name)
            return (name, str(found[0].get("value") or "")) if found else None
        return None

    def _data(self, attribute: str, selected: str | None, *, is_last: bool) -> str | None:
        """Return the attribute of the element selected by id or class, else the one value that the page has of it."""
        found = self._root.xpath("//*[@*[name()=$a]]", a=attribute)
        if selected:
            named = [e for e in found if selected == e.get("id") or selected in (e.get("class") or "").split()]
            found = named or found
        values = [str(element.get(attribute)) for element in found]
        if values and is_last:
            return values[-1]
        return values[0] if values and (len(set(values)) == 1 or (selected and len(values) < MIN_ROWS)) else None

    def _location(self, name: str) -> str | None:
        head, _, part = name.removeprefix("window.").removeprefix("document.").partition(".")
        form = _LOCATIONS.get(part) if head == "location" else None
        return form.format(self._place) if form else None


def _short_name(term: str) -> str:
    return term.replace("++", "").partition("+")[0].strip().rpartition(".")[2]


def _may_count(literal: str | None) -> bool:
    return literal is None or not (literal.strip("-").isalpha() or "/" in literal)


def inline_scripts(root: Any) -> list[str]:
    """Return the texts of the scripts that stand in the page, JSON left out, at most `MAX_SCRIPTS`."""
    elements = (element for element in root.iter("script") if element.text and not element.get("src"))
    plain = (e for e in elements if "application/" not in e.get("type", "").replace("application/javascript", ""))
    return [element.text[:MAX_SCRIPT_CHARACTERS] for element in islice(plain, MAX_SCRIPTS)]


def _assignments(script: str) -> tuple[dict[str, str], dict[str, str]]:
    """Return name -> literal and name -> expression of what a script assigns, the last of a name."""
    literals: dict[str, str] = {}
    expressions: dict[str, str] = {}
    for count, match in enumerate(_ASSIGNED.finditer(script)):
        if count >= MAX_ASSIGNMENTS:
            break
        literal = _LITERAL.match(script, match.end())
        if literal:
            literals[match[1]] = next(group for group in literal.groups() if group is not None).replace("\\/", "/")
        elif (expression := EXPRESSION.match(script, match.end())) and expression[0] != match[1]:
            expressions[match[1]] = expression[0]
    return literals, expressions


def _arguments(scripts: list[str], root: Any) -> dict[str, str]:
    """Return parameter -> literal of functions that are called with one literal in the page: `loadMore('/more', 2)`."""
    text = "\n".join(scripts)[:MAX_CALL_CHARACTERS]
    calls = text + "\n".join(str(value) for value in root.xpath("//@onclick")[:MAX_HANDLERS])
    bound: dict[str, set[str]] = {}
    for function in islice(_FUNCTION.finditer(text), MAX_FUNCTIONS):
        names = [name.strip() for name in (function[2] or function[4]).split(",")]
        called = re.compile(rf"(?<![\w$.]){re.escape(function[1] or function[3])}\(([^()]{{1,300}})\)")
        for call in islice(called.finditer(calls), MAX_HANDLERS):
            for name, argument in zip(names, _ARGUMENT.findall(call[1]), strict=False):
                if argument[0] in "\"'" or argument.isdigit():
                    bound.setdefault(name, set()).add(argument.strip("\"'"))
    return {name: values.pop() for name, values in bound.items() if len(values) == 1}


def _last_row_id(root: Any) -> str | None:
    """Return the `data-id` of the last row of the page's longest list."""
    lists: dict[tuple[str, str], list[str]] = {}
    for element in root.xpath("//*[@data-id]"):
        lists.setdefault((element.tag, element.get("class", "")), []).append(element.get("data-id"))
    longest = max(lists.values(), key=len, default=[])
    return longest[-1] if len(longest) >= MIN_ROWS else None
