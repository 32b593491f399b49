"""Near-duplicate fingerprints of articles, pure functions: 24 band keys of a digit-weighted MinHash and a body hash.

Nothing here depends on a library's choice of hash: keys are stored and compared for years. Whatever changes a key or
a normalised body raises SCHEME, and fingerprints of different schemes are never compared.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, TypeAlias

import numpy as np
import xxhash
from numpy.typing import NDArray

from newsspider.fingerprint.normal_form import normal_body, normal_title

SCHEME: Final = 1
GRAM: Final = 5
BANDS: Final = 24
ROWS: Final = 3
LEAD_BANDS: Final = 8
LEAD: Final = 400
BODY_ROWS: Final = (BANDS - LEAD_BANDS) * ROWS
DIGIT_WEIGHT: Final = 3
# a body shorter than SHORT_BODY has to agree in title and every number; below TINY_BODY only the same body counts
SHORT_BODY: Final = 120
TINY_BODY: Final = 60
# a body is compared as far as this; what is longer is a book or a failed extraction
LONGEST_BODY: Final = 60_000
CHUNK: Final = 2048

U64: TypeAlias = NDArray[np.uint64]

_SEED: Final = 0x6E657773
_MIX_1: Final = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2: Final = np.uint64(0x94D049BB133111EB)
_GOLDEN: Final = 0x9E3779B97F4A7C15
_WORD: Final = 2**64


def _mixed(values: U64) -> U64:
    """Return `values` after the splitmix64 finalizer: every bit in depends on every bit out."""
    values = (values ^ (values >> np.uint64(30))) * _MIX_1
    values = (values ^ (values >> np.uint64(27))) * _MIX_2
    return values ^ (values >> np.uint64(31))


def _constants(count: int, salt: int) -> U64:
    """Return `count` fixed pseudo-random words: splitmix64 of a counter, the same on every machine."""
    words = [(_SEED + salt + (position + 1) * _GOLDEN) % _WORD for position in range(count)]
    return _mixed(np.array(words, dtype=np.uint64))


_MULTIPLIERS: Final = _constants(BANDS * ROWS, 1) | np.uint64(1)
_OFFSETS: Final = _constants(BANDS * ROWS, 2)
_POSITIONS: Final = _constants(GRAM, 3) | np.uint64(1)
_SALTS: Final = _constants(DIGIT_WEIGHT - 1, 4)


@dataclass(slots=False, frozen=True, eq=False)
class Fingerprint:
    """A body and a title as they are compared. `body_hash` is 32 hex digits over the normalised body."""

    body: str
    title: str
    body_hash: str
    scheme: int = field(default=SCHEME)

    @property
    def is_short(self) -> bool:
        return len(self.body) < SHORT_BODY

    @property
    def is_tiny(self) -> bool:
        return len(self.body) < TINY_BODY

    @cached_property
    def grams(self) -> U64:
        """The distinct 5-gram hashes of the body, sorted."""
        return np.unique(gram_hashes(self.body)[0])

    @cached_property
    def keys(self) -> list[int]:
        """The 24 band keys, signed 64 bit; none for a tiny body."""
        return [] if self.is_tiny else band_keys(self.body)

    def packed(self) -> bytes:
        """Return title and body compressed, for `unpacked`."""
        return zlib.compress(f"{self.title}\n{self.body}".encode("utf-8", "surrogatepass"), 1)


def fingerprint(title: str, text: str) -> Fingerprint:
    """Return the fingerprint of an article; `text` has its paragraphs on lines, boilerplate lines may be in it."""
    body = normal_body(text)[:LONGEST_BODY]
    return Fingerprint(body, normal_title(title), _hash_of(body))


def unpacked(packed: bytes, body_hash: str = "", scheme: int = SCHEME) -> Fingerprint:
    """Return the fingerprint that was `packed`. Raises zlib.error for bytes that are none."""
    title, _, body = zlib.decompress(packed).decode("utf-8", "surrogatepass").partition("\n")
    return Fingerprint(body, title, body_hash or _hash_of(body), scheme)


def _hash_of(body: str) -> str:
    return xxhash.xxh3_128_hexdigest(body.encode("utf-8", "surrogatepass"))


def gram_hashes(body: str) -> tuple[U64, NDArray[np.bool_]]:
    """Return a 64-bit hash of each 5-gram of `body`, in order, and whether it holds a digit."""
    codes = np.frombuffer(body.encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.uint64)
    count = len(codes) - GRAM + 1
    if count < 1:
        return np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.bool_)
    is_digit = (codes >= 48) & (codes <= 57)
    hashes = codes[:count] * _POSITIONS[0]
    has_digit = is_digit[:count].copy()
    for position in range(1, GRAM):
        hashes += codes[position : position + count] * _POSITIONS[position]
        has_digit |= is_digit[position : position + count]
    return _mixed(hashes), has_digit


def band_keys(body: str) -> list[int]:
    """Return the 24 signed band keys of a normalised body.

    The last LEAD_BANDS are those of its first LEAD characters: a copy cut short has them in common with the whole.
    """
    hashes, has_digit = gram_hashes(body)
    rows = _rows(hashes, has_digit, slice(0, BODY_ROWS))
    lead = slice(0, LEAD)
    rows = np.concatenate([rows, _rows(hashes[lead], has_digit[lead], slice(BODY_ROWS, BANDS * ROWS))])
    bands = (rows >> np.uint64(32)).astype("<u4").reshape(BANDS, ROWS)
    return [xxhash.xxh3_64_intdigest(bands[band].tobytes(), seed=band) - 2**63 for band in range(BANDS)]


def _rows(hashes: U64, has_digit: NDArray[np.bool_], part: slice) -> U64:
    """Return the minima under one part of the permutations; shingles with a digit count DIGIT_WEIGHT times."""
    multipliers, offsets = _MULTIPLIERS[part], _OFFSETS[part]
    weighted = [hashes] + [_mixed(hashes[has_digit] ^ salt) for salt in _SALTS]
    shingles = np.concatenate(weighted)
    smallest = np.full(len(multipliers), np.iinfo(np.uint64).max, dtype=np.uint64)
    for start in range(0, len(shingles), CHUNK):
        permuted = np.multiply.outer(multipliers, shingles[start : start + CHUNK])
        permuted += offsets[:, None]
        np.minimum(smallest, permuted.min(axis=1), out=smallest)
    return smallest
