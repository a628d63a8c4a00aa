"""Structured data as a person reads it on a form."""

import json
from typing import Any


def pretty(value: Any) -> str:
    """Indented JSON, ``""`` for nothing.

    >>> pretty({"gb": "1"})
    '{\\n  "gb": "1"\\n}'
    """
    return json.dumps(value, indent=2, ensure_ascii=False) if value else ""


def pretty_text(text: str | None) -> str:
    """The same for JSON kept as text; other text is shown as it is."""
    try:
        return pretty(json.loads(text or "null"))
    except ValueError:
        return text or ""
