"""Trial and plan change of a subscription: the days that decide what its fee covers."""

from fractions import Fraction

from odoo import fields, models

from ..engine.base_fee import after_trial
from ..engine.period import Period
from ..engine.proration import ratio


class SaleOrder(models.Model):
    _inherit = "sale.order"

    x_fc_trial_end = fields.Date(
        string="Trial Until",
        copy=False,
        help="First day whose base fee is billed. Usage is billed from the first day on.",
    )
    x_fc_anchor_date = fields.Date(
        string="Periods Count From",
        copy=False,
        help="Where periods are not counted from the start date: after a plan change in the middle "
        "of one, or a trial. The first fee covers the days left.",
    )
    x_fc_next_plan_id = fields.Many2one(
        "sale.subscription.plan", string="Next Plan", copy=False, ondelete="restrict"
    )
    x_fc_plan_change_on = fields.Date(
        string="Plan Changes On", copy=False, help="First day on the next plan."
    )

    def _x_fc_share(self, part: Period, full: Period) -> Fraction:
        """Share of the full price that the days of ``part`` cost: none of those on trial."""
        self.ensure_one()
        billed = after_trial(part, self.x_fc_trial_end or None)
        return ratio(billed, full) if billed else Fraction(0)

    def _x_fc_full_period(self, day) -> Period:
        """The whole period around ``day``, of the calendar or of the order's own count."""
        self.ensure_one()
        return self.env["fusion.billing.draft"]._period(self, day)

    def _x_fc_is_aligned(self) -> bool:
        """Whether periods are not simply counted from the start date."""
        self.ensure_one()
        return bool(
            self.x_fc_service_id and (self.x_fc_billing_time == "calendar" or self.x_fc_anchor_date)
        )
