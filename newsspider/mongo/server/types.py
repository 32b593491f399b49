"""Types shared by the modules of `mongo`."""

from __future__ import annotations

from typing import Any

Document = dict[str, Any]
