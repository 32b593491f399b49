"""Folding: what is equal for keys and hashes."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opencc import OpenCC

from newsspider.text import ZERO_WIDTH, content_hash, fold, simplified, squeeze


@pytest.mark.parametrize("text", ["　Ａ，b ", "a,B"])
def test_fold_levels_width_case_and_space(text: str) -> None:
    assert fold(text) == "a,b"


@given(st.text(alphabet="河國這 B，。…\n\u3000\u200b\u0301①²éか\u3099ﾊﾟßς著藉\ufeff\tＡ９％", max_size=20) | st.text())
def test_fold_is_what_it_says(text: str) -> None:
    narrow = unicodedata.normalize("NFKC", text).translate(ZERO_WIDTH)
    assert fold(text) == "".join(simplified(narrow).casefold().split())


def test_fold_levels_script() -> None:
    assert fold("國際評級機構，債務") == fold("国际评级机构,债务")


@pytest.mark.parametrize("first", range(0x2E00, 0xFB00, 0x400))
def test_simplified_is_what_opencc_says_of_each_character(first: int) -> None:
    convert = OpenCC("t2s").convert
    texts = [f"{chr(code)}渡" for code in range(first, first + 0x400) if not 0xD800 <= code <= 0xDFFF]
    assert [simplified(text) for text in texts] == [convert(text) for text in texts]


@pytest.mark.parametrize(
    "text", ["沈默", "藉口", "答覆", "土坏", "明瞭", "英哩", "甦醒", "衹得", "\U00020089渡", "\uf900渡"]
)
def test_simplified_is_what_opencc_says_of_its_phrases(text: str) -> None:
    assert simplified(text) == OpenCC("t2s").convert(text)
    assert simplified(text) != text or text[0] == "\U00020089"


def test_squeeze_keeps_width() -> None:
    assert squeeze("\u3000\u3000河口\u200b，\u00a0 渡口\n") == "河口， 渡口"


def test_content_hash_ignores_width_but_not_words() -> None:
    assert content_hash("渡口：停航", "甲，乙") == content_hash("渡口:停航", "甲,  乙")
    assert content_hash("渡口", "甲") != content_hash("渡口", "乙")


@given(st.text(alphabet="Ａaß甲國国，, \u3000\u200b１1⒈ﬁ", max_size=60))
def test_fold_is_idempotent(text: str) -> None:
    assert fold(fold(text)) == fold(text)
