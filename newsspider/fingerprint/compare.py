"""Near-duplicates: the fingerprint of an article, and whether two articles tell the same story. Pure functions.

No single similarity separates a reprint from the next day's note in the same mould: the numbers are compared where the
texts align, and so are the names in titles and in what was put in another's place.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal

import numpy as np
from rapidfuzz.distance import Levenshtein

from newsspider.fingerprint.minhash import SCHEME, Fingerprint, fingerprint, unpacked

__all__ = ["SCHEME", "Fingerprint", "Verdict", "fingerprint", "same_story", "unpacked", "verify"]

Relation = Literal["exact", "reprint", "truncated", "update", "quotes", "template", "different"]
SAME_STORY: Final = frozenset({"exact", "reprint", "truncated", "update"})

LEAST_CONTAINMENT: Final = 0.60
LEAST_JACCARD: Final = 0.40
QUOTED_CONTAINMENT: Final = 0.80
MOST_NUMBER_CONFLICT: Final = 0.25
MOST_SUBSTITUTED: Final = 0.13
NEARLY_ALL: Final = 0.95
TRUNCATED_LENGTH: Final = 0.75
DIGEST_JACCARD: Final = 0.55
LEAST_TRUNCATED: Final = 0.20
SHORT_CONTAINMENT: Final = 0.90
LIKE_TITLE: Final = 0.50
SAME_TITLE: Final = 0.80
SWAPPED_NAMES: Final = 2
SURNAMES: Final = frozenset(
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜"
    "范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
)
ANCHOR: Final = 3
MOST_HEAD: Final = 40
MOST_NAME: Final = 12
ORGANISATIONS: Final = (
    *(
        "公司",
        "集团",
        "股份",
        "银行",
        "证券",
        "科技",
        "电力",
        "控股",
        "保险",
        "基金",
        "大学",
        "学院",
        "中学",
        "小学",
        "医院",
    ),
    *("法院", "检察院", "委员会", "管理局", "公安局", "派出所", "街道", "社区", "俱乐部"),
)
TITLE_RUN: Final = 3
WINDOW_DAYS: Final = 30
# texts are aligned this far: an alignment costs the product of the two lengths
ALIGNED: Final = 6000

_NUMBER: Final = re.compile(r"\d+(?:\.\d+)?%?")
_DATE_WORDS: Final = re.compile(r"[年月日号时点分]|[上下]午|[早晚]间|[今昨]天")
_PRIVATE_USE: Final = 0xE000
_PRIVATE_COUNT: Final = 0x1900
_HAN: Final = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class Verdict:
    """The relation of article b to article a. Shares are 0 to 1.

    `containment` and `jaccard` are those of the 5-gram sets; `number_conflict` is the share of aligned numbers that
    differ, `substituted` the share of aligned Han characters; both 0 where it was not needed to align.
    """

    relation: Relation
    containment: float
    jaccard: float
    number_conflict: float = 0.0
    substituted: float = 0.0
    reason: str = ""

    @property
    def is_same_story(self) -> bool:
        return self.relation in SAME_STORY


@dataclass(frozen=True, slots=True)
class Alignment:
    """The differences of two aligned texts. `swapped`: (old, new) runs of Han characters, one replaced by the other.

    `head_numbers` are the numbers that differ before the first equal run. `other_subjects` counts the places, that one
    among them, where a name and the number beside it (a date, a code) differ, or two names of organisations.
    """

    equal_numbers: int
    different_numbers: int
    equal_han: int
    substituted_han: int
    swapped: tuple[tuple[str, str], ...]
    head_numbers: int = 0
    other_subjects: int = 0

    @property
    def number_conflict(self) -> float:
        return _share(self.different_numbers, self.equal_numbers + self.different_numbers)

    @property
    def substituted(self) -> float:
        return _share(self.substituted_han, self.equal_han + self.substituted_han)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def overlap(a: Fingerprint, b: Fingerprint) -> tuple[float, float]:
    """Return containment (shared 5-grams over those of the smaller) and Jaccard similarity."""
    shared = len(np.intersect1d(a.grams, b.grams, assume_unique=True))
    smaller = min(len(a.grams), len(b.grams))
    return _share(shared, smaller), _share(shared, len(a.grams) + len(b.grams) - shared)


def verify(a: Fingerprint, b: Fingerprint) -> Verdict:
    """Return how `b` relates to `a`. Symmetric. Raises ValueError for fingerprints of different schemes."""
    if a.scheme != b.scheme:
        raise ValueError(f"fingerprints of schemes {a.scheme} and {b.scheme} cannot be compared")
    if a.body_hash == b.body_hash:
        same = not a.is_short or a.title == b.title
        return Verdict("exact" if same else "different", 1.0, 1.0, reason="" if same else "short, other title")
    if a.is_tiny or b.is_tiny:
        return Verdict("different", 0.0, 0.0, reason="short")
    containment, jaccard = overlap(a, b)
    if containment < LEAST_CONTAINMENT:
        return Verdict("different", containment, jaccard, reason="little in common")
    if jaccard < LEAST_JACCARD and containment < QUOTED_CONTAINMENT:
        return Verdict("different", containment, jaccard, reason="little in common")
    if _is_quotation(a, b, containment, jaccard):
        return Verdict("quotes", containment, jaccard, reason="one is much longer")
    first, second = sorted((a, b), key=lambda article: (article.body, article.title))
    alignment = align(first.body[:ALIGNED], second.body[:ALIGNED])
    reason = _objection(first, second, containment, alignment)
    relation: Relation = "template" if reason else _relation(a, b, containment, alignment)
    return Verdict(relation, containment, jaccard, alignment.number_conflict, alignment.substituted, reason)


def _is_quotation(a: Fingerprint, b: Fingerprint, containment: float, jaccard: float) -> bool:
    """Return True if the longer article holds the shorter one among others: a digest has a title of its own."""
    if jaccard >= DIGEST_JACCARD or (jaccard >= LEAST_JACCARD and containment < NEARLY_ALL):
        return False
    likeness = title_likeness(a.title, b.title)
    return likeness < (LIKE_TITLE if jaccard >= LEAST_JACCARD else SAME_TITLE) or jaccard < LEAST_TRUNCATED


def title_likeness(a: str, b: str) -> float:
    """Return the share of character pairs that the shorter of two normalised titles has in common with the other."""
    pairs_a, pairs_b = ({x + y for x, y in pairwise(title)} for title in (a, b))
    return _share(len(pairs_a & pairs_b), min(len(pairs_a), len(pairs_b)))


def _relation(a: Fingerprint, b: Fingerprint, containment: float, alignment: Alignment) -> Relation:
    shorter, longer = sorted((len(a.body), len(b.body)))
    if shorter < TRUNCATED_LENGTH * longer and containment >= NEARLY_ALL:
        return "truncated"
    return "update" if alignment.different_numbers else "reprint"


def _objection(a: Fingerprint, b: Fingerprint, containment: float, alignment: Alignment) -> str:
    """Return why two similar texts are not one story, "" if nothing speaks against it."""
    if alignment.number_conflict > MOST_NUMBER_CONFLICT:
        return "other numbers"
    if (a.is_short or b.is_short) and not _is_safe_short(a, b, containment, alignment):
        return "short"
    if alignment.other_subjects:
        return "other subject"
    names = sum(is_name_swap(old, new) for old, new in alignment.swapped)
    needed = TITLE_RUN - (names > 0)
    is_nearly_all = containment >= NEARLY_ALL
    has_other_numbers = bool(alignment.different_numbers or alignment.head_numbers)
    if (has_other_numbers or not is_nearly_all) and min(title_run(a, b), title_run(b, a)) >= needed:
        return "other titles"
    if is_nearly_all:
        return ""
    if alignment.substituted > MOST_SUBSTITUTED:
        return "other words"
    if names >= SWAPPED_NAMES:
        return "other names"
    if _NUMBER.sub("0", a.title) == _NUMBER.sub("0", b.title) and a.title != b.title:
        return "other number in the title"
    return ""


def _is_safe_short(a: Fingerprint, b: Fingerprint, containment: float, alignment: Alignment) -> bool:
    return (
        containment >= SHORT_CONTAINMENT
        and not alignment.different_numbers
        and not alignment.swapped
        and bool(a.title and b.title)
        and title_likeness(a.title, b.title) >= SAME_TITLE
    )


def is_name_swap(old: str, new: str) -> bool:
    """Return True if one person's name (or a list of names) stands in the place of another's."""
    return (
        2 <= len(old) <= 12
        and 2 <= len(new) <= 12
        and old[0] in SURNAMES
        and new[0] in SURNAMES
        and not set(old) <= set(new)
        and not set(new) <= set(old)
    )


def title_run(own: Fingerprint, other: Fingerprint) -> int:
    """Return the length of the longest run of `own`'s title that its body has and the other article has not."""
    title, elsewhere = own.title, f"{other.title}\n{other.body}"
    best, end = 0, 0
    for start in range(len(title)):
        end = max(end, start)
        while end < len(title) and title[start : end + 1] in own.body:
            end += 1
        if end - start > best and title[start:end] not in elsewhere:
            best = end - start
    return best


def align(a: str, b: str) -> Alignment:
    """Compare two normalised texts position by position; edits count only between equal runs of ANCHOR or more.

    The beginnings count where they are no longer than a heading.
    """
    symbols: dict[str, str] = {}

    def symbol(match: re.Match[str]) -> str:
        return symbols.setdefault(match.group(), chr(_PRIVATE_USE + len(symbols) % _PRIVATE_COUNT))

    a, b = _NUMBER.sub(symbol, a), _NUMBER.sub(symbol, b)
    operations = Levenshtein.opcodes(a, b)
    equal = "".join(a[op.src_start : op.src_end] for op in operations if op.tag == "equal")
    anchors = [op for op in operations if op.tag == "equal" and op.src_end - op.src_start >= ANCHOR]
    different, substituted, swapped, subjects = 0, 0, [], 0
    for before, after in pairwise(anchors):
        old, new = a[before.src_end : after.src_start], b[before.dest_end : after.dest_start]
        if not old or not new:
            continue
        subjects += _is_other_subject(old, new)
        different += min(_numbers_in(old), _numbers_in(new))
        old, new = _han_in(old), _han_in(new)
        if old and new and old != new:
            substituted += min(len(old), len(new))
            swapped.append((old, new))
    heads = (a[: anchors[0].src_start], b[: anchors[0].dest_start]) if anchors else ("", "")
    head_numbers = 0
    if max(map(len, heads)) <= MOST_HEAD:
        head_numbers, subjects = min(map(_numbers_in, heads)), subjects + _is_other_subject(*heads, is_head=True)
    han = len(_han_in(equal))
    return Alignment(_numbers_in(equal), different, han, substituted, tuple(swapped), head_numbers, subjects)


def _is_other_subject(old: str, new: str, *, is_head: bool = False) -> bool:
    """Return True if what stands in two texts at one place names another subject.

    At the head of a notice any other words beside another number do; further on only what looks like names.
    """
    old_name, new_name = (_DATE_WORDS.sub("", _han_in(text)) for text in (old, new))
    if not (2 <= len(old_name) <= MOST_NAME and 2 <= len(new_name) <= MOST_NAME) or set(old_name) & set(new_name):
        return False
    has_numbers = min(_numbers_in(old), _numbers_in(new)) > 0
    is_organisation = old_name.endswith(ORGANISATIONS) and new_name.endswith(ORGANISATIONS)
    return is_organisation or (has_numbers and (is_head or is_name_swap(old_name, new_name)))


def _han_in(text: str) -> str:
    return "".join(_HAN.findall(text))


def _numbers_in(text: str) -> int:
    return sum(_PRIVATE_USE <= ord(sign) < _PRIVATE_USE + _PRIVATE_COUNT for sign in text)


def same_story(title_a: str, text_a: str, title_b: str, text_b: str, days_apart: float | None = None) -> bool:
    """Return True if two articles are copies of one: as the crawl decides it, without the search for candidates.

    Articles more than WINDOW_DAYS apart are one story only if their bodies are the same.
    """
    verdict = verify(fingerprint(title_a, text_a), fingerprint(title_b, text_b))
    if days_apart is not None and abs(days_apart) > WINDOW_DAYS:
        return verdict.relation == "exact"
    return verdict.is_same_story
