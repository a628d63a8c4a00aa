"""Reproducible chance: the same name always gives the same stream, on every Python."""

from __future__ import annotations

import hashlib
import random
import uuid
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

SEED = "nexacloud-2026"


class Dice:
    """A stream of chance that belongs to one name.

    Only ``random.random()`` is used, because Python promises its sequence for a given seed; each
    named stream is independent, so a change in one part of the seed leaves the others alone.

    >>> Dice("users").below(1000) == Dice("users").below(1000)
    True
    """

    def __init__(self, *name: object) -> None:
        key = "/".join([SEED, *map(str, name)])
        digest = hashlib.sha256(key.encode()).digest()
        self._random = random.Random(int.from_bytes(digest[:8], "big"))

    def below(self, limit: int) -> int:
        """Return an integer in ``[0, limit)``."""
        return int(self._random.random() * limit)

    def between(self, low: int, high: int) -> int:
        """Return an integer in ``[low, high]``."""
        return low + self.below(high - low + 1)

    def chance(self, percent: int) -> bool:
        """Be true in about `percent` of 100 calls."""
        return self.below(100) < percent

    def pick(self, choices: Sequence[T]) -> T:
        """Return one of `choices`."""
        return choices[self.below(len(choices))]

    def some(self, choices: Sequence[T], count: int) -> list[T]:
        """Return `count` different entries of `choices`, in their own order."""
        ranked = sorted((self._random.random(), place) for place in range(len(choices)))
        return [choices[place] for place in sorted(place for _, place in ranked[:count])]

    def uuid(self) -> uuid.UUID:
        """Return a version 4 UUID."""
        number = 0
        for _ in range(8):
            number = number << 16 | self.below(1 << 16)
        return uuid.UUID(int=number, version=4)
