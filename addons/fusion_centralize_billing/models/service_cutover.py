"""How much proof a service's cut-over needs."""

from odoo import fields, models
from odoo.exceptions import UserError


class BillingService(models.Model):
    _inherit = "fusion.billing.service"

    clean_periods_required = fields.Integer(
        string="Clean Periods",
        default=3,
        required=True,
        tracking=True,
        help="How many periods in a row must have been compared with the app's own invoices, "
        "without an unexplained difference, before a subscription may be cut over. 0 = none: the "
        "service may go live unproved.",
    )
    handover_count = fields.Integer(
        string="Handovers",
        readonly=True,
        copy=False,
        help="Cut-overs and roll-backs so far. The app is told each one's number, so that a late "
        "word of an older one undoes nothing.",
    )
    cutover_ids = fields.One2many("fusion.billing.cutover", "service_id", string="Cut-overs")

    _clean_periods_positive = models.Constraint(
        "CHECK (clean_periods_required >= 0)", "The number of clean periods is 0 or more."
    )

    def _check_proved(self) -> None:
        """Going live with everything at once is for services that have nothing to prove.

        :raise UserError: subscriptions wait in shadow, which a cut-over must compare first
        """
        for service in self.filtered("clean_periods_required"):
            domain = [("x_fc_service_id", "=", service.id)]
            orders = self.env["sale.order"].sudo()
            waiting = orders.search_count(domain + orders._fc_waiting_domain())
            if waiting:
                raise UserError(
                    self.env._(
                        "%(count)s subscriptions of %(service)s are billed by the app today. Move "
                        "them by a cut-over (Fusion Billing → Migration → Cut-overs), which asks "
                        "for %(periods)s clean periods first. To go live unproved, set the "
                        "service's clean periods to 0.",
                        count=waiting,
                        service=service.name,
                        periods=service.clean_periods_required,
                    )
                )
