"""MinHash keys: stored, so they never change."""

from __future__ import annotations

from typing import Any

import pytest
from texts import BRIDGE

from newsspider.fingerprint import fingerprint
from newsspider.fingerprint.minhash import BANDS, band_keys
from newsspider.fingerprint.normal_form import normal_body

GOLDEN = (
    (
        "春江潮水连海平，海上明月共潮生。滟滟随波千万里，何处春江无月明。江流宛转绕芳甸，月照花林皆似霰。空里流霜不觉飞，汀上白沙看不见。",
        [-7122423322333060816, -4714664137991203074, -2754758865076130781],
    ),
    (BRIDGE, [3919257117717034516, 1872844097429022048, -6535274091199304533]),
    (
        "The old bridge was opened again on Monday after sixty-four days of repairs, the city said. 3 more follow.",
        [3264740407139026061, -313891291544614806, 6962900559232628830],
    ),
)


@pytest.mark.parametrize(("text", "keys"), GOLDEN)
def test_keys_never_change(text: str, keys: Any) -> None:
    assert band_keys(normal_body(text))[:3] == keys


def test_keys_are_signed_words_and_a_tiny_body_has_none() -> None:
    keys = fingerprint("桥", BRIDGE).keys
    assert len(keys) == BANDS
    assert all(-(2**63) <= key < 2**63 for key in keys)
    assert fingerprint("桥", "通车了。").keys == []
