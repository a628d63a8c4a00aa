"""Lago's projected usage: the running period as it is, beside what it will be at its end."""

from datetime import datetime
from typing import Any

from odoo import models

# Of both: the figure now, and the one at the end under `projected_<name>`.
FIGURES = ("units", "amount_cents")


class BillingSerializeProjectedUsage(models.AbstractModel):
    _inherit = "fusion.billing.serialize"

    def _projected_usage(
        self, order: models.BaseModel, now: datetime, apply_taxes: bool = True
    ) -> dict[str, Any]:
        """`_usage` with ``projected_amount_cents``, and every charge, filter and group with its
        ``projected_units`` and ``projected_amount_cents``. Taxes and total are today's."""
        order_sudo = order.sudo()
        usage = self._usage(order, now, apply_taxes=apply_taxes)
        then = self.env["fusion.billing.rate"]._projected_usage(order_sudo, now)
        charges = [self._charge_usage(found, then) for found in then.charges]
        return usage | {
            "projected_amount_cents": self._cents(then.amount, then.currency),
            "charges_usage": [
                _beside(own, later)
                for own, later in zip(usage["charges_usage"], charges, strict=True)
            ],
        }


def _beside(now: dict[str, Any], then: dict[str, Any]) -> dict[str, Any]:
    """One entry of usage: parts of the same charge come in the same order now and then."""
    entry = {key: value for key, value in now.items() if key != "total_aggregated_units"}
    entry |= {f"projected_{name}": then[name] for name in FIGURES}
    entry["projected_presentation_breakdowns"] = []
    for part in ("filters", "grouped_usage"):
        if part in now:
            entry[part] = [
                _beside(own, later) for own, later in zip(now[part], then[part], strict=True)
            ]
    if now.get("values", {}) is None:
        entry["values"] = {}  # what no filter matches: clients insist on an object here
    return entry
