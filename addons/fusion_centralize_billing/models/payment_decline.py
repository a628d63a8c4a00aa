"""What class a failed charge belongs to, kept with the attempt: `engine.dunning.classify`."""

from odoo import fields, models

from ..engine import dunning

CODES = ("charge_code", "charge_decline_code", "charge_advice_code")
FAILED = ("declined", "refused")


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    x_fc_decline_class = fields.Selection(
        [
            (dunning.SOFT, "Passes by Itself"),
            (dunning.CUSTOMER, "Customer Confirms"),
            (dunning.NEW_CARD, "New Card Needed"),
            (dunning.HARD, "Never Again"),
            (dunning.UNKNOWN, "No Word of the Bank"),
        ],
        string="Decline Class",
        readonly=True,
        help="What the codes of the decline mean for the next try.",
    )

    def _apply_updates(self, payment_data):
        """An answer of Stripe's that came late or by webhook says why, as the charge's own does."""
        intent = payment_data.get("payment_intent") or {}
        error = intent.get("last_payment_error")
        if error and self.provider_code == "stripe" and self.charge_invoice_id:
            self.write(self._get_stripe_error_values(error))
        return super()._apply_updates(payment_data)

    def _conclude_charge(self) -> None:
        if self.charge_outcome in FAILED:
            self.x_fc_decline_class = dunning.classify(*self._x_fc_codes())
        return super()._conclude_charge()

    def _x_fc_codes(self) -> list[str | None]:
        return [self[name] or None for name in CODES]

    def _x_fc_classify(self) -> str:
        """The class that was kept, else the one that the codes say."""
        return self.x_fc_decline_class or dunning.classify(*self._x_fc_codes())

    def _x_fc_leaves_hope(self) -> bool:
        """Whether the same card may be tried again by itself after this attempt.

        A refusal without the bank's code counts as soft: the provider did not accept the request,
        and a person may have mended what was wrong with it.
        """
        if not self.payment_method_id._x_fc_rules().x_fc_retryable:
            return False
        if self.charge_invoice_id._x_fc_is_tried_out(self.token_id, self.charge_date):
            return False
        kind = self._x_fc_classify()
        return kind == dunning.UNKNOWN or dunning.WHAT_NEXT[kind].retry

    def _x_fc_passes(self) -> bool:
        """Whether to try again within the hour; not when that was what failed just now."""
        before = self._x_fc_tries().filtered(lambda each: each.id < self.id).sorted("id")[-1:]
        return self._x_fc_is_passing() and not before._x_fc_is_passing()

    def _x_fc_is_passing(self) -> bool:
        return bool(self) and dunning.passes(*self._x_fc_codes())

    def _x_fc_tries(self):
        """Failed charges of the same card for the same invoice, this one among them."""
        return self.charge_invoice_id._x_fc_failed_with(self.token_id)
