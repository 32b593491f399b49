"""The formats of `scrapy articles export`."""

from __future__ import annotations

from typing import Final

TEXT_FORMATS: Final = ("csv", "jsonl")
FORMATS: Final = (*TEXT_FORMATS, "parquet", "xlsx")
EDGE_FORMATS: Final = ("csv", "graphml")
