"""Bounds of GET /fees."""

from .base import Instant, WireModel


class FeeBounds(WireModel):
    """One end of a range of instants."""

    at: Instant = None
