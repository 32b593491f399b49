"""Feed exporters for formats that hold flat values: what is nested stands in them as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict, is_dataclass
from datetime import UTC, datetime
from typing import Any

from itemadapter import ItemAdapter, is_item
from scrapy.exporters import CsvItemExporter, XmlItemExporter


def flat(value: Any) -> Any:
    """Return a nested value as JSON, a time as ISO 8601 in UTC, any other value as it is."""
    if isinstance(value, datetime):
        return _plain(value)
    is_nested = isinstance(value, dict) or is_item(value)
    is_list = isinstance(value, list | tuple) and any(isinstance(part, dict) or is_item(part) for part in value)
    return json.dumps(value, ensure_ascii=False, default=_plain) if is_nested or is_list else value


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return (value.astimezone(UTC) if value.tzinfo else value).isoformat().replace("+00:00", "Z")
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    return ItemAdapter(value).asdict() if is_item(value) else str(value)


class FlatCsvExporter(CsvItemExporter):
    """CSV with nested fields, such as `related`, as JSON in their cell."""

    def serialize_field(self, field: Any, name: str, value: Any) -> Any:
        return super().serialize_field(field, name, flat(value))


class FlatXmlExporter(XmlItemExporter):
    """XML with nested fields, such as `related`, as JSON in their element."""

    def serialize_field(self, field: Any, name: str, value: Any) -> Any:
        return super().serialize_field(field, name, flat(value))
