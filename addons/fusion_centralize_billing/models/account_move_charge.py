"""Which invoices the unattended run may charge to a saved card."""

import logging
from datetime import date, timedelta

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
        if self._x_fc_is_tried_out(self._x_fc_charged_token()):
            _logger.info("%s is not charged: as often as its card allows it has been", self.name)
            return False
        return super()._is_open_for_charge()

    def _x_fc_failed_with(self, token):
        """Failed charges (sudo) of this invoice with one card or account."""
        return self.sudo().charge_ids.filtered(
            lambda each: each.token_id == token and each.charge_outcome in ("declined", "refused")
        )

    def _x_fc_is_tried_out(self, token, today: date | None = None) -> bool:
        """Whether this card failed for this invoice as often as its method allows for now.

        Visa: at most 20 tries again in 30 days, as acquirers' pages say (it was 15 until May 2025);
        Mastercard: 35. The figures are the payment method's.
        """
        rules_sudo = token.payment_method_id._x_fc_rules()
        today = today or self.env["sale.order"]._get_billing_today()
        since = today - timedelta(days=rules_sudo.x_fc_tries_days)
        recent = self._x_fc_failed_with(token).filtered(
            lambda each: each.charge_date and each.charge_date > since
        )
        return bool(rules_sudo) and len(recent) >= rules_sudo.x_fc_max_tries

    x_fc_charge_not_before = fields.Datetime(
        string="Not Charged Before",
        copy=False,
        readonly=True,
        help="After a fault of the moment. On the service's clock.",
    )

    def _note_scheduled_charge(self) -> None:
        """Whoever asks for a charge asks for it now."""
        self.sudo().x_fc_charge_not_before = False
        return super()._note_scheduled_charge()

    def _schedule_charge(self) -> None:
        """Money that is here already is taken first; what was given up is not asked for again."""
        self.env["fusion.billing.surplus"]._apply(self)
        owed = self.filtered(
            lambda move: (
                move.payment_state in ("not_paid", "partial")
                and not move.x_fc_no_dunning
                and not move.x_fc_dispute_lost_at
            )
        )
        return super(AccountMove, owed)._schedule_charge()

    @api.model
    def _get_charge_domain(self) -> Domain:
        """Leave out shadow services, which charge nobody, and services on a test clock, whose days
        are not today's; what has to wait for its hour; and what was disputed or given up.

        ``fc_now`` in the context is what a test clock shows.
        """
        now = self.env.context.get("fc_now") or fields.Datetime.now()
        domain = super()._get_charge_domain() & (
            Domain("x_fc_charge_not_before", "=", False)
            | Domain("x_fc_charge_not_before", "<=", now)
        )
        domain &= Domain("x_fc_no_dunning", "=", False) & Domain("x_fc_dispute_lost_at", "=", False)
        if self.env.context.get("billing_date"):
            return domain & (
                Domain("x_fc_service_id", "=", False)
                | Domain("x_fc_service_id", "any!", [("mode", "=", "live")])
            )
        attended = Domain(
            "x_fc_service_id", "any!", [("mode", "=", "live"), ("test_clock", "=", False)]
        )
        return domain & (Domain("x_fc_service_id", "=", False) | attended)
