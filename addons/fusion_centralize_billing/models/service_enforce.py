"""Enforcement by hand: on a test clock, no job does it."""

from odoo import models
from odoo.fields import Domain


class BillingService(models.Model):
    _inherit = "fusion.billing.service"

    def action_enforce(self) -> bool:
        """Do what the policy wants today, and charge the saved cards that are due, as the jobs do.

        "Today" is the service's own. The charges are recorded here and sent after the commit, by
        the job that charges. Callable over RPC by billing managers; safe to repeat.
        """
        self.check_access("write")
        for service_sudo in self.sudo().filtered(lambda service: service.mode == "live"):
            self.env["fusion.billing.enforce"].sudo()._run(service_sudo)
            service_sudo._charge_due()
        return True

    def _charge_due(self) -> None:
        """Record an attempt for each invoice whose card is due on the service's day."""
        self.ensure_one()
        moves = self.env["account.move"].with_context(
            billing_date=self._today(), fc_now=self._now()
        )
        due = moves._get_charge_domain() & Domain("x_fc_service_id", "=", self.id)
        for move in moves.search(due, order="next_charge_date, id"):
            order = move._get_charged_subscriptions()[:1]
            if move._is_open_for_charge():
                order._do_payment(order.payment_token_id, move)
