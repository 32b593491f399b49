"""The language of a text."""

from __future__ import annotations

import pytest

from newsspider.text import language_of


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("渡口通航" * 300 + "這個國際會議" * 300, "zh-Hant"),
        ("渡口通航" * 300 + "これはわたしのふね" * 200, "ja"),
        ("The ferry " * 120 + "渡口通航" * 450, "zh-Hans"),
        ("The ferry is back. " * 150 + "渡口", "en"),
    ],
)
def test_language_is_told_from_all_of_the_sample(text: str, code: str) -> None:
    assert language_of(text) == code


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("河口镇的渡口停了三天，这个消息来得突然", "zh-Hans"),
        ("河口鎮的渡口停了三天，這個消息來得突然，國內無人知曉", "zh-Hant"),
        ("The ferry at the mouth of the river has been closed for three days and that is it", "en"),
        ("川の渡し場は三日間休みでした", "ja"),
        ("12345", None),
    ],
)
def test_language(text: str, expected: str | None) -> None:
    assert language_of(text) == expected
