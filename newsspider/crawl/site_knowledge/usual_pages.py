"""What the article pages of a site have in common, so that an answer in place of one is noticed.

A gate's page may hold whole sentences and come with status 200. What it does not have is a text about what the link
said, the elements that every article page of the site has, and a text of its own: it is the same under each URL.
"""

from __future__ import annotations

import re
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from typing import Final

import xxhash

from newsspider.pages.document import Document
from newsspider.text import fold
from newsspider.text.likeness import pairs, share_of

# shares of a headline's pairs of characters in the page's headline and text, from recorded listings and articles
FITS: Final = 0.3
MISFITS: Final = 0.12
LEAST_PAIRS: Final = 5
LEAD: Final = 1500
# a site's usual elements are known after so many pages, those that most of them have
LEAST_PAGES: Final = 3
MOST_PAGES: Final = 12
USUAL: Final = 0.8
LEAST_USUAL: Final = 4
UNLIKE: Final = 0.34
SHORT_TEXT: Final = 400
LONG_TEXT: Final = 1200
MOST_TEXTS: Final = 5000
# the doubt about a page that nothing speaks for or against: before the site's usual elements are known, without a
# byline, and its link names no headline
UNPROVEN: Final = "unproven"
# what varies in a message that is otherwise the same: request numbers, times, addresses
_VARYING: Final = re.compile(r"[0-9a-zA-Z\W_]+")


@dataclass(slots=True, frozen=True)
class Reading:
    """What is compared of a page: where it stands, the headline of the link that led there (None if unknown), its own
    headline and text, the names of its elements, whether it states a time or a source, whether redirects led to it, and
    whether it closes html or body.
    """

    key: str
    headline: str | None
    title: str
    text: str
    elements: Set[str]
    has_byline: bool = False
    is_redirected: bool = False
    is_closed: bool = True

    @property
    def digest(self) -> str:
        """The name of the text, the same for texts that differ in figures, Latin letters and signs only."""
        return named(_VARYING.sub("", fold(self.text)))

    @property
    def exact(self) -> str:
        """The name of headline and text as they are: an article's stay the same, a gate prints numbers and times."""
        return named(f"{self.title}\n{self.text}")

    @property
    def is_coherent(self) -> bool:
        """Whether the text is about what its own headline says."""
        fit = fit_of(self.title, "", self.text)
        return fit is not None and fit > MISFITS


class UsualPages:
    """The elements of a site's believed article pages, and whose text each of its texts is. Bounded in size."""

    def __init__(self) -> None:
        self._pages = 0
        self._open_pages = self._signed_pages = 0
        self._elements: Counter[str] = Counter()
        self._texts: OrderedDict[str, str] = OrderedDict()
        self._doubted: defaultdict[str, set[str]] = defaultdict(set)

    def doubt(self, page: Reading) -> str | None:
        """Return why the page may stand in place of an article: "repeated", "misfit" or "unlike"; None to believe it.

        A long text with a byline among the site's usual elements is believed whatever the link said: many links do not
        name what they lead to.
        """
        fit = fit_of(page.headline, page.title, page.text)
        if fit is not None and fit >= FITS:
            return None
        is_unlike = self.is_unlike(page.elements)
        is_repeated = self._owner(page) not in (None, page.key)
        is_usual = is_unlike is False and page.has_byline and not page.is_redirected
        is_told = fit is not None or not page.has_byline
        if is_repeated and not is_usual and is_told:
            return "repeated"
        if fit is not None and fit <= MISFITS:
            is_whole = (page.has_byline or is_unlike is False) and not is_unlike and len(page.text) >= LONG_TEXT
            return None if is_usual or (is_whole and not page.is_redirected) else "misfit"
        is_at_home = is_unlike is False and (fit is not None or page.is_coherent)
        if page.has_byline or len(page.text) >= (SHORT_TEXT if is_at_home else LONG_TEXT):
            return None
        if is_unlike or self._are_signed or (fit is None and (page.is_redirected or not page.is_coherent)):
            return "unlike"
        return UNPROVEN if fit is None and is_unlike is None else None

    def believe(self, page: Reading) -> None:
        """Learn from a page that is an article."""
        self._texts.setdefault(page.digest, page.key)
        if len(self._texts) > MOST_TEXTS:
            self._texts.popitem(last=False)
        if self.is_learning:
            self._pages += 1
            self._open_pages += not page.is_closed
            self._signed_pages += page.has_byline
            self._elements.update(page.elements)

    def note_doubt(self, digest: str, key: str) -> None:
        """Remember that the answer `digest` was doubted at the page `key`."""
        if digest in self._doubted or len(self._doubted) < MOST_TEXTS:
            self._doubted[digest].add(key)

    def is_shared(self, digest: str, key: str) -> bool:
        """Return True if the answer `digest` came under another key than `key` as well."""
        others = self._doubted.get(digest, set()) - {key}
        return bool(others) or self._texts.get(digest, key) != key

    def doubts(self) -> dict[str, list[str]]:
        """Return the keys of what was doubted, by digest: two say enough."""
        return {digest: sorted(keys)[:2] for digest, keys in self._doubted.items()}

    def learn_doubts(self, doubts: Mapping[str, Iterable[str]]) -> None:
        """Take in what earlier runs doubted."""
        for digest, keys in doubts.items():
            self._doubted[digest].update(keys)

    @property
    def is_learning(self) -> bool:
        """Whether the elements of further pages still count."""
        return self._pages < MOST_PAGES

    @property
    def _are_signed(self) -> bool:
        """Whether the site's pages state a time or a source."""
        return self._pages >= LEAST_PAGES and self._signed_pages >= USUAL * self._pages

    @property
    def are_open(self) -> bool:
        """Whether the site's pages end without closing html and body."""
        return self._pages >= LEAST_PAGES and 2 * self._open_pages > self._pages

    def is_unlike(self, elements: Set[str]) -> bool | None:
        """Return True if the page has next to none of the site's usual elements, None while these are not known."""
        usual = {name for name, count in self._elements.items() if count >= USUAL * self._pages}
        if self._pages < LEAST_PAGES or len(usual) < LEAST_USUAL:
            return None
        return len(usual & elements) < UNLIKE * len(usual)

    def _owner(self, page: Reading) -> str | None:
        others = self._doubted.get(page.digest, set()) - {page.key}
        return self._texts.get(page.digest) or next(iter(others), None)


def named(words: str) -> str:
    """Return the digest of an answer that `words` tell from others."""
    return xxhash.xxh3_64_hexdigest(words.encode("utf-8", "surrogatepass"))


def fit_of(headline: str | None, title: str, text: str) -> float | None:
    """Return the share of a link's headline that the page's headline and first paragraphs hold.

    None where the headline is too short to tell.
    """
    wanted = pairs(headline or "")
    if len(wanted) < LEAST_PAIRS:
        return None
    return share_of(wanted, pairs(f"{title}\n{text[:LEAD]}"))


def elements_of(document: Document) -> set[str]:
    """Return the names of a page's block elements: tag with class and id, figures left out."""
    return {_name(block.tag.name, block.tag.get("class"), block.tag.get("id")) for block in document.blocks}


def _name(*words: str | None) -> str:
    return re.sub(r"\d+", "0", " ".join(filter(None, words)))
