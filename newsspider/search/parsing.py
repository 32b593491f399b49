"""The query language. Words and phrases all have to be there; `OR` binds closer than that.

    产业链 投资             both words
    "人工智能 大会"         the phrase; “ ”, 「 」 and ＂ ＂ will do as well
    -广告  NOT 广告         without it
    雄安 OR 浦东  ( )       one of them; parentheses group
    title:会议             in the title
    source:新华社          the name of the source contains it; in quotes: is it. So author:, tag:, section:
    site:example.com       the site, or a host of it
    lang:zh-Hant           the language
    since:2026-04 until:2026-05-03   published (else first seen) in these days of Beijing time; also 7d, 24h, 昨天
    copies:no  copies:only without copies of an earlier article, or only these
    story:ID               the articles of a story

Names of fields may be Chinese (标题, 来源, 作者, 网站, 标签, 栏目, 语言), the colon and all signs may have full width.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from newsspider import clock
from newsspider.messages import _
from newsspider.search.moments import span_of
from newsspider.search.query import (
    And,
    Copies,
    Field,
    FieldName,
    Language,
    Node,
    Not,
    Or,
    Query,
    QueryError,
    Site,
    Span,
    Story,
    Term,
)
from newsspider.search.units import term_units
from newsspider.text import fold, narrow, simplified
from newsspider.urls.hosts import registered_domain
from newsspider.urls.parsing import host_of, parse_url

MAX_LENGTH: Final = 2_000
MAX_TERMS: Final = 100
MAX_DEPTH: Final = 10
_QUOTES: Final = '"\u201c\u201d\u201e\u201f\uff02\u301d\u301e'
_CORNERS: Final = {"「": "」", "『": "』"}
_OPEN: Final = "(（"
_CLOSE: Final = ")）"
_MINUS: Final = "-\uff0d\u2212\ufe63"
_BARS: Final = "|｜"
_NOT_IN_WORDS: Final = f"{_QUOTES}{''.join(_CORNERS)}{_OPEN}{_CLOSE}{_BARS}"
_FIELD: Final = re.compile(r"([^\W\d_]{1,20})[:：](?!//)")
_NAMES: Final = {
    "标题": "title",
    "来源": "source",
    "作者": "author",
    "authors": "author",
    "网站": "site",
    "站点": "site",
    "标签": "tag",
    "tags": "tag",
    "栏目": "section",
    "语言": "lang",
    "language": "lang",
    "转载": "copies",
}
KNOWN: Final = (*("title", "source", "author", "site", "tag", "section", "lang", "since", "until", "copies", "story"),)


@dataclass(frozen=True, slots=True)
class _Token:
    kind: Literal["(", ")", "OR", "AND", "NOT", "term"]
    text: str = ""
    field: str = ""
    is_quoted: bool = False


def parse(text: str, now: datetime | None = None) -> Query:
    """Return the query that `text` means; every article without text. `now` is what 7d and 昨天 count from.

    Raises QueryError.
    """
    if len(text) > MAX_LENGTH:
        raise QueryError(_("the query is longer than {max_length} characters").format(max_length=MAX_LENGTH))
    tokens = list(_tokens(text))
    if sum(token.kind == "term" for token in tokens) > MAX_TERMS:
        raise QueryError(_("the query has more than {max_terms} words").format(max_terms=MAX_TERMS))
    root = _Parser(tokens, now or clock.now()).whole()
    if text.strip() and root == And() and not any(token.field for token in tokens):
        raise QueryError(_("the query holds no word to search for"))
    return Query(text.strip(), root)


class _Tokenizer:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def tokens(self) -> Iterator[_Token]:
        while self._at < len(self._text):
            character = self._text[self._at]
            if character.isspace():
                self._at += 1
            elif character in _OPEN or character in _CLOSE:
                self._at += 1
                yield _Token("(" if character in _OPEN else ")")
            elif character in _BARS:
                self._at += 1
                yield _Token("OR")
            elif character in _MINUS:
                self._at += 1
                if self._text[self._at : self._at + 1].strip():
                    yield _Token("NOT")
            else:
                yield self._term()

    def _term(self) -> _Token:
        name = ""
        if found := _FIELD.match(self._text, self._at):
            given = simplified(narrow(found[1])).casefold()
            name = _NAMES.get(given, given)
            if name in KNOWN:
                self._at = found.end()
            elif given.isascii():
                raise QueryError(
                    _("unknown field {field}: (known are {known}; put text in quotes)").format(
                        field=found[1], known=", ".join(KNOWN)
                    )
                )
            else:
                name = ""
        character = self._text[self._at : self._at + 1]
        if character and (character in _QUOTES or character in _CORNERS):
            return _Token("term", self._quoted(character), name, is_quoted=True)
        word = self._word()
        if name and not word:
            raise QueryError(
                _("{name}: needs a value right behind it, such as {name}:{example}").format(
                    name=name, example=_EXAMPLES.get(name, "VALUE")
                )
            )
        if not name and word in ("OR", "AND", "NOT"):
            return _Token(word)  # type: ignore[arg-type]
        return _Token("term", word, name)

    def _quoted(self, opening: str) -> str:
        closing = _CORNERS.get(opening, _QUOTES)
        begin = self._at + 1
        end = next((at for at in range(begin, len(self._text)) if self._text[at] in closing), -1)
        if end < 0:
            raise QueryError(
                _("the quotation that begins with {text!r} is not closed").format(
                    text=self._text[self._at : self._at + 20]
                )
            )
        self._at = end + 1
        return self._text[begin:end]

    def _word(self) -> str:
        begin = self._at
        while self._at < len(self._text) and not self._ends_word(self._text[self._at]):
            self._at += 1
        return self._text[begin : self._at]

    def _ends_word(self, character: str) -> bool:
        return character.isspace() or character in _NOT_IN_WORDS


_EXAMPLES: Final = {"since": "2026-04-24", "until": "2026-04-24", "lang": "zh-Hans", "copies": "no", "site": "a.com"}


def _tokens(text: str) -> Iterator[_Token]:
    return _Tokenizer(text).tokens()


class _Parser:
    def __init__(self, tokens: list[_Token], now: datetime) -> None:
        self._tokens = tokens
        self._at = 0
        self._now = now

    def whole(self) -> Node:
        root = self._sequence(0)
        if self._at < len(self._tokens):
            raise QueryError(_("there is a ) without a ( before it"))
        return root

    def _sequence(self, depth: int) -> Node:
        if depth > MAX_DEPTH:
            raise QueryError(
                _("parentheses stand more than {max_depth} deep in each other").format(max_depth=MAX_DEPTH)
            )
        parts: list[Node] = []
        is_or = False
        while self._at < len(self._tokens) and self._tokens[self._at].kind != ")":
            token = self._tokens[self._at]
            if token.kind == "OR":
                if is_or or not parts:
                    raise QueryError(_("OR has to stand between two words"))
                is_or = True
                self._at += 1
                continue
            if token.kind == "AND":
                self._at += 1
                continue
            part = self._factor(depth)
            if part is None:
                continue
            parts.append(_either(parts.pop(), part) if is_or else part)
            is_or = False
        if is_or:
            raise QueryError(_("OR has to stand between two words"))
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _factor(self, depth: int) -> Node | None:
        """Return the next part; None for a word of signs alone, which says nothing."""
        token = self._tokens[self._at]
        self._at += 1
        if token.kind == "term":
            return self._condition(token)
        if token.kind == "(":
            inner = self._sequence(depth + 1)
            if self._at >= len(self._tokens):
                raise QueryError(_("a ( is not closed"))
            self._at += 1
            return None if inner == And() else inner
        if depth > MAX_DEPTH:
            raise QueryError(_("NOT stands more than {max_depth} deep").format(max_depth=MAX_DEPTH))
        if self._at >= len(self._tokens) or self._tokens[self._at].kind not in ("term", "(", "NOT"):
            raise QueryError(_("NOT or - has to stand before a word"))
        part = self._factor(depth + 1)
        return None if part is None else Not(part)

    def _condition(self, token: _Token) -> Node | None:
        if token.field in ("", "title"):
            found = term_units(token.text)
            return Term(found, in_title=token.field == "title") if found else None
        value = token.text.strip()
        if not fold(value):
            raise QueryError(_("{field}: needs a value").format(field=token.field))
        if token.field in ("source", "author", "tag", "section"):
            return Field(_field_name(token.field), fold(value), token.is_quoted)
        return _CONDITIONS[token.field](value, self._now)


def _either(left: Node, right: Node) -> Node:
    return Or((*left.parts, right)) if isinstance(left, Or) else Or((left, right))


def _field_name(name: str) -> FieldName:
    names: dict[str, FieldName] = {"source": "source", "author": "author", "tag": "tag", "section": "section"}
    return names[name]


def _site(value: str, now: datetime) -> Node:
    url = narrow(value).strip(".")
    parsed = parse_url(url if "://" in url else f"http://{url}")
    host = host_of(parsed).strip(".") if parsed else ""
    if not host or re.search(r"[*\s]", host):
        raise QueryError(_("site:{value} is not a domain (such as site:example.com)").format(value=value[:60]))
    bare = host.removeprefix("www.")
    return Site(bare if registered_domain(host) == bare else host)


def _language(value: str, now: datetime) -> Node:
    code = narrow(value).lower()
    if not re.fullmatch(r"[a-z]{2,8}(?:-[a-z0-9]{1,8})*", code):
        raise QueryError(
            _("lang:{value} is not a language code (such as lang:zh-Hans or lang:en)").format(value=value[:60])
        )
    return Language(code)


def _since(value: str, now: datetime) -> Node:
    return Span(since=_moments("since", value, now)[0])


def _until(value: str, now: datetime) -> Node:
    return Span(until=_moments("until", value, now)[1])


def _moments(name: str, value: str, now: datetime) -> tuple[datetime, datetime]:
    try:
        return span_of(narrow(value), now)
    except (ValueError, OverflowError):
        expected = "2026, 2026-04, 2026-04-24, 2026-04-24T08:00, 7d or 昨天"
        raise QueryError(
            _("{name}:{value} is not a date (expected such as {expected})").format(
                name=name, value=value[:60], expected=expected
            )
        ) from None


def _copies(value: str, now: datetime) -> Node:
    meant: dict[str, Node] = {
        "no": Copies(False),
        "only": Copies(True),
        "yes": And(),
        "all": And(),
        "否": Copies(False),
    }
    if (found := meant.get(value.casefold())) is None:
        raise QueryError(_("copies:{value} is not no, only or all").format(value=value[:60]))
    return found


def _story(value: str, now: datetime) -> Node:
    return Story(value)


_CONDITIONS: Final[dict[str, Callable[[str, datetime], Node]]] = {
    "site": _site,
    "lang": _language,
    "since": _since,
    "until": _until,
    "copies": _copies,
    "story": _story,
}
