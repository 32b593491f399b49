"""The forms in which articles can be taken along."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Final

# format -> its media type, and the package that it needs
FORMATS: Final = {
    "csv": ("text/csv; charset=utf-8", None),
    "jsonl": ("application/x-ndjson", None),
    "parquet": ("application/vnd.apache.parquet", "pyarrow"),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsxwriter"),
}


def formats() -> list[str]:
    """Return the formats that can be written here."""
    return [name for name, (_, package) in FORMATS.items() if package is None or find_spec(package) is not None]
