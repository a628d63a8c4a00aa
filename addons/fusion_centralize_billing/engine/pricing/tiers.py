"""The ladder of tiers that graduated, volume and graduated percentage share."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Protocol, TypeVar

from ..errors import Invalid
from ..money import ZERO
from .priced import read_numbers


class HasEdge(Protocol):
    """A tier: units up to and including `up_to` (None: no end), cumulative."""

    up_to: Decimal | None


T = TypeVar("T", bound=HasEdge)


def check_ladder(tiers: Sequence[HasEdge], model: str) -> None:
    """Edges rise, and only the last tier has none.

    :param model: named in the code, ``invalid_<model>_ranges``
    """
    if not tiers:
        raise Invalid.field("tiers", f"missing_{model}_ranges")
    edges = [tier.up_to for tier in tiers]
    lower = ZERO
    for up_to in edges[:-1]:
        if up_to is None or up_to <= lower:
            raise Invalid.field("tiers", f"invalid_{model}_ranges")
        lower = up_to
    if edges[-1] is not None:
        # A last tier with an end would leave the units above it unpriced, silently free.
        raise Invalid.field("tiers", f"invalid_{model}_ranges")


def read_edge(data: Mapping[str, Any], model: str) -> Decimal | None:
    """`up_to` None, '' or 0 means no upper end."""
    raw = data.get("up_to")
    code = f"invalid_{model}_ranges"
    return read_numbers({"up_to": raw or "0"}, {"up_to": code})["up_to"] or None


def read_tiers(
    properties: Mapping[str, Any], read: Callable[[Mapping[str, Any]], T]
) -> tuple[T, ...]:
    """All tiers; errors are named ``tiers.1.unit_price`` (counted from 0), all at once."""
    tiers: list[T] = []
    errors: dict[str, list[str]] = {}
    for index, data in enumerate(properties.get("tiers") or ()):
        try:
            tiers.append(read(data))
        except Invalid as error:
            errors |= {f"tiers.{index}.{key}": codes for key, codes in error.details.items()}
    if errors:
        raise Invalid(errors)
    return tuple(tiers)


def tier_of(tiers: Sequence[T], quantity: Decimal) -> int:
    """Index of the tier `quantity` lies in; the edge belongs to the lower one.

    Lago writes the same as ``from ≤ ⌈quantity⌉ and quantity ≤ to`` with whole edges: 100.5 lies
    in the tier from 101.

    >>> from .graduated import Tier
    >>> ladder = [Tier(Decimal(100), ZERO), Tier(None, ZERO)]
    >>> [tier_of(ladder, Decimal(units)) for units in ("0", "100", "100.5")]
    [0, 0, 1]
    """
    return next(i for i, t in enumerate(tiers) if t.up_to is None or quantity <= t.up_to)


def lower_edge(tiers: Sequence[HasEdge], index: int) -> Decimal:
    """Where the tier begins, exclusive; 0 for the first."""
    return (tiers[index - 1].up_to or ZERO) if index else ZERO
