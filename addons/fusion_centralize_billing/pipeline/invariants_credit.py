"""Credits of unused days: each follows from the line it credits, and none gives back too much."""

from collections.abc import Iterator
from decimal import Decimal

from odoo import models

from .. import engine
from .credit import price_amount
from .gate import to_decimal
from .invariants import Violation

# Ours alone, a person may give back what they like. Figures leave the database as text.
CREDITED_IS_BILLED = """
SELECT b.subscription_id, concat_ws(' ', m.name, b.id), b.price_subtotal::text,
       sum(c.price_subtotal)::text
FROM account_move_line c
JOIN account_move_line b ON b.id = c.x_fc_credited_line_id
JOIN account_move m ON m.id = b.move_id
WHERE m.x_fc_service_id = ANY(%(services)s) AND c.parent_state != 'cancel'
GROUP BY b.id, m.name
HAVING abs(sum(c.price_subtotal)) > abs(b.price_subtotal)
    OR bool_or(c.move_id NOT IN (SELECT id FROM account_move WHERE reversed_entry_id = b.move_id))
ORDER BY b.id"""


class BillingInvariantsCredit(models.AbstractModel):
    _inherit = "fusion.billing.invariants"

    def _check(self, service: models.BaseModel | None = None) -> list[Violation]:
        """And: credited ≤ billed, on a document that reverses the billed one; credits replay."""
        violations = super()._check(service)
        services = service
        if services is None:
            services = self.env["fusion.billing.service"].search([("active", "=", True)])
        return [
            *violations,
            *self._compared("credited_is_billed", CREDITED_IS_BILLED, services),
            *self._credits_explained(services),
        ]

    def _credits_explained(self, services: models.BaseModel) -> Iterator[Violation]:
        lines_sudo = self.env["account.move.line"].sudo()
        credits = lines_sudo.search(
            [
                ("x_fc_credited_line_id.move_id.x_fc_service_id", "in", services.ids),
                # One an app asked for has no key: its amount is the app's word.
                ("x_fc_line_key", "!=", False),
                ("parent_state", "!=", "cancel"),
            ],
            order="id",
        )
        for line in credits:
            trace, billed = line.x_fc_trace or {}, line.x_fc_credited_line_id
            replays = trace.get("kind") == "credit" and engine.credit_agrees(trace)
            expected = {
                "amount": Decimal(trace["amount"]) if replays else "a trace that replays",
                "of": Decimal(trace["pieces"][0]["amount"]) if replays else price_amount(billed),
                "taxes": billed.tax_ids,
            }
            found = {
                "amount": to_decimal(line.price_unit) * to_decimal(line.quantity),
                "of": price_amount(billed),
                "taxes": line.tax_ids,
            }
            if expected != found:
                yield self._violation(line, expected, found)

    def _violation(self, line: models.BaseModel, expected: dict, found: dict) -> Violation:
        wrong = [name for name in expected if expected[name] != found[name]]
        return Violation(
            "credit_explains_itself",
            line.subscription_id.id,
            f"{line.move_id.name} {line.x_fc_line_key}",
            ", ".join(f"{name} {expected[name]}" for name in wrong),
            ", ".join(f"{name} {found[name]}" for name in wrong),
        )
