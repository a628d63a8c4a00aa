"""``python -m fusion_billing_agent``."""

from .cli import entry

entry()
