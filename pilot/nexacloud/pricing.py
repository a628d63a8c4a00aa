"""The app's own prices for usage: a quota with overage, and graduated tiers."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from pilot.nexacloud.records import Tier
from pilot.nexacloud.taxes import cents


def over_quota(used: Decimal, included: Decimal | None) -> Decimal:
    """Return how much of `used` is above the quota."""
    return max(Decimal(0), used - (included or Decimal(0)))


def quota_price(used: Decimal, included: Decimal | None, unit_price: Decimal | None) -> Decimal:
    """Return the price of `used` above the quota, rounded to the cent. No price: never charged.

    >>> quota_price(Decimal("1250.5"), Decimal(1000), Decimal("0.05"))
    Decimal('12.53')
    """
    if unit_price is None:
        return Decimal("0.00")
    return cents(over_quota(used, included) * unit_price)


def graduated_price(quantity: Decimal, tiers: Sequence[Tier]) -> Decimal:
    """Price each part of `quantity` in its own tier; a tier's flat price is due on entering it.

    >>> free = Tier(Decimal(50), Decimal(0), Decimal(0))
    >>> graduated_price(Decimal("60.5"), [free, Tier(None, Decimal("0.08"), Decimal(5))])
    Decimal('5.84')
    """
    amount, below = Decimal(0), Decimal(0)
    for tier in tiers:
        if quantity <= below:
            break
        reached = quantity if tier.up_to is None else min(quantity, tier.up_to)
        amount += (reached - below) * tier.unit_price + tier.flat_price
        below = reached
    return cents(amount)
