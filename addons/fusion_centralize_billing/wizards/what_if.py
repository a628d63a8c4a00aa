"""A month's real usage at other prices, customer by customer."""

from collections import defaultdict
from decimal import Decimal

from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ..engine.errors import BillingError
from ..pipeline.gate import to_decimal
from ..pipeline.what_if import Change, Compared, scaled


class WhatIfWizard(models.TransientModel):
    """What is asked, and the answer. Nothing but these rows is written, and they expire."""

    _name = "fusion.billing.what.if.wizard"
    _description = "What-if of Prices"

    service_id = fields.Many2one("fusion.billing.service", required=True)
    month = fields.Date(
        required=True,
        default=lambda self: self._default_month(),
        help="Any day of the month: billing periods that ended in it are rated again.",
    )
    change_ids = fields.One2many("fusion.billing.what.if.change", "wizard_id", string="Changes")
    line_ids = fields.One2many("fusion.billing.what.if.line", "wizard_id", string="Customers")

    @api.model
    def _default_month(self):
        """Last month."""
        return fields.Date.subtract(fields.Date.context_today(self), months=1)

    def action_compare(self) -> dict:
        """Rate both sides and list the customers."""
        self.ensure_one()
        self.service_id.check_access("read")  # rating reads as superuser
        try:
            compared = self.env["fusion.billing.what.if"]._compare(
                self.service_id, self.month, self.change_ids._to_change()
            )
        except BillingError as error:
            raise UserError(
                self.env._("The prices cannot be compared: %(error)s", error=error)
            ) from error
        self.line_ids = [Command.clear(), *map(Command.create, self._by_customer(compared))]
        return {
            "type": "ir.actions.act_window",
            "name": self.env._(
                "What if: %(service)s, %(month)s",
                service=self.service_id.name,
                month=fields.Date.to_string(self.month)[:7],
            ),
            "res_model": "fusion.billing.what.if.line",
            "view_mode": "list,pivot",
            "domain": [("wizard_id", "=", self.id)],
        }

    def _by_customer(self, compared: list[Compared]) -> list[dict]:
        """One row a customer and currency."""
        sums: dict[tuple[int, int], list] = defaultdict(lambda: [Decimal(0), Decimal(0), set()])
        for row in compared:
            entry = sums[row.order.partner_id.id, row.order.currency_id.id]
            entry[0] += row.old
            entry[1] += row.new
            entry[2].add(row.order.id)
        return [
            {
                "partner_id": partner_id,
                "currency_id": currency_id,
                "subscriptions": len(orders),
                "old_amount": float(old),
                "new_amount": float(new),
                "difference": float(new - old),
                "percent": float((new - old) * 100 / old) if old else 0.0,
            }
            for (partner_id, currency_id), (old, new, orders) in sums.items()
        ]


class WhatIfChange(models.TransientModel):
    """A plan priced as another plan, a charge as another charge, or a charge by percent."""

    _name = "fusion.billing.what.if.change"
    _description = "Price Change of a What-if"

    wizard_id = fields.Many2one("fusion.billing.what.if.wizard", required=True, ondelete="cascade")
    service_id = fields.Many2one(related="wizard_id.service_id")
    plan_id = fields.Many2one(
        "sale.subscription.plan", domain="[('x_fc_service_id', '=', service_id)]"
    )
    as_plan_id = fields.Many2one(
        "sale.subscription.plan",
        domain="[('x_fc_service_id', '=', service_id)]",
        help="Its fee, charges and commitment take the place of the plan's.",
    )
    charge_id = fields.Many2one("fusion.billing.charge", domain="[('service_id', '=', service_id)]")
    as_charge_id = fields.Many2one(
        "fusion.billing.charge",
        domain="[('service_id', '=', service_id), ('id', '!=', charge_id)]",
        help="A charge on the same metric, e.g. a copy under the code of a plan to come.",
    )
    percent = fields.Float(string="Prices by %", help="10 makes every price 10 % higher.")

    def _to_change(self) -> Change:
        """The engine's terms of what is asked.

        :raise UserError: a line that names no change, or another metric
        """
        charges, plans = {}, {}
        for line in self:
            if line.plan_id and line.as_plan_id:
                plans[line.plan_id.id] = line.as_plan_id
            elif line.charge_id:
                charges[line.charge_id.id] = line._terms()
            else:
                raise UserError(self.env._("A change names a plan and its other, or a charge."))
        return Change(charges, plans)

    def _terms(self):
        source = self.as_charge_id or self.charge_id
        if source.metric_id != self.charge_id.metric_id:
            raise UserError(self.env._("Both charges must price the same metric."))
        terms = source.sudo()._to_engine()
        return scaled(terms, to_decimal(self.percent)) if self.percent else terms


class WhatIfLine(models.TransientModel):
    """One customer: what the month cost at today's prices, and at the others."""

    _name = "fusion.billing.what.if.line"
    _description = "Customer of a What-if"
    _order = "difference desc, id"

    wizard_id = fields.Many2one("fusion.billing.what.if.wizard", required=True, ondelete="cascade")
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    subscriptions = fields.Integer(readonly=True)
    old_amount = fields.Monetary(string="Today's Prices", readonly=True)
    new_amount = fields.Monetary(string="Other Prices", readonly=True)
    difference = fields.Monetary(readonly=True)
    percent = fields.Float(string="Difference (%)", digits=(16, 1), readonly=True, aggregator=None)
