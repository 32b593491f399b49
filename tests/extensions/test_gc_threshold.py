"""The collector's threshold: set by the setting, left alone by 0."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest
from scrapy import Spider
from scrapy.exceptions import NotConfigured
from scrapy.utils.test import get_crawler

from newsspider.extensions.gc_threshold import GcThreshold


@pytest.fixture(autouse=True)
def usual_thresholds() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)


def test_threshold_of_the_setting_is_set() -> None:
    GcThreshold.from_crawler(get_crawler(Spider, {"COLLECTOR_THRESHOLD": 12_345}))
    assert gc.get_threshold()[0] == 12_345


def test_nothing_changes_at_zero() -> None:
    before = gc.get_threshold()
    with pytest.raises(NotConfigured):
        GcThreshold.from_crawler(get_crawler(Spider, {"COLLECTOR_THRESHOLD": 0}))
    assert gc.get_threshold() == before
