"""Which invoices the unattended run may charge to a saved card."""

import logging

from odoo import api, fields, models
from odoo.fields import Domain

_logger = logging.getLogger(__name__)


class AccountMove(models.Model):
    _inherit = "account.move"

    def _is_open_for_charge(self) -> bool:
        """No card of a live Stripe is charged whose messages anybody could forge."""
        provider = self._get_charged_subscriptions().payment_token_id.provider_id
        if provider.filtered(lambda each: each.state == "enabled")._lacks_webhook_secret():
            _logger.error("%s is not charged: Stripe has no webhook secret", self.name)
            return False
        return super()._is_open_for_charge()

    x_fc_charge_not_before = fields.Datetime(
        string="Not Charged Before",
        copy=False,
        readonly=True,
        help="After a fault of the moment. On the service's clock.",
    )

    def _schedule_charge(self) -> None:
        """Whoever asks for a charge asks for it now."""
        self.sudo().x_fc_charge_not_before = False
        return super()._schedule_charge()

    @api.model
    def _get_charge_domain(self) -> Domain:
        """Leave out shadow services, which charge nobody, and services on a test clock, whose days
        are not today's; and what has to wait for its hour.

        ``fc_now`` in the context is what a test clock shows.
        """
        now = self.env.context.get("fc_now") or fields.Datetime.now()
        domain = super()._get_charge_domain() & (
            Domain("x_fc_charge_not_before", "=", False)
            | Domain("x_fc_charge_not_before", "<=", now)
        )
        if self.env.context.get("billing_date"):
            return domain & (
                Domain("x_fc_service_id", "=", False)
                | Domain("x_fc_service_id", "any!", [("mode", "=", "live")])
            )
        attended = Domain(
            "x_fc_service_id", "any!", [("mode", "=", "live"), ("test_clock", "=", False)]
        )
        return domain & (Domain("x_fc_service_id", "=", False) | attended)
