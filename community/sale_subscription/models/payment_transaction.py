import psycopg2
import requests

from odoo import fields, models
from odoo.addons.payment.logging import get_payment_logger
from odoo.exceptions import ValidationError
from odoo.tools import float_compare

_logger = get_payment_logger(__name__)

# While an invoice has an attempt in one of these, nobody may start another one.
UNRESOLVED = ("ready", "open", "unknown", "mismatch")
# A client error whose cause passes by itself: the charge may be under way all the same.
INDETERMINATE = {408, 409, 425, 429}


class PaymentTransaction(models.Model):
    """An attempt to charge the saved card of a subscription for one invoice.

    The attempt is committed before the provider hears of it, and its outcome as soon as there is
    one: see `sale_order_saved_card.py` for the run. An error of the provider and an answer that was
    lost look the same in ``state``; ``charge_outcome`` tells them apart.
    """

    _inherit = "payment.transaction"

    charge_invoice_id = fields.Many2one(
        "account.move",
        string="Charged Invoice",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    charge_outcome = fields.Selection(
        [
            ("ready", "To send"),
            ("open", "Sent"),
            ("unknown", "Unknown"),
            ("mismatch", "Another amount"),
            ("paid", "Paid"),
            ("declined", "Declined"),
            ("refused", "Refused"),
            ("void", "Given up"),
        ],
        readonly=True,
        help="Unknown: the answer was lost, the money may have moved.\n"
        "Another amount: the provider took an amount that is not ours; a person decides.\n"
        "Declined: the bank said no. Refused: the provider did not accept the request.",
    )
    charge_code = fields.Char(string="Error Code", readonly=True)
    charge_decline_code = fields.Char(string="Decline Code", readonly=True)
    charge_advice_code = fields.Char(
        string="Advice Code", readonly=True, help="What the provider advises to do about it."
    )
    charge_network_decline_code = fields.Char(string="Network Decline Code", readonly=True)
    charge_network_advice_code = fields.Char(string="Network Advice Code", readonly=True)
    charge_date = fields.Date(
        string="Charged On", readonly=True, help="The billing day of the attempt."
    )
    charge_asked_at = fields.Datetime(
        string="Last Asked", readonly=True, help="When the provider was last asked what happened."
    )

    # Two workers may both find no attempt, in snapshots that are a commit apart: this decides.
    _unresolved_charge_unique = models.UniqueIndex(
        "(charge_invoice_id) WHERE charge_outcome IN ('ready', 'open', 'unknown', 'mismatch')",
        "This invoice is being charged already.",
    )

    # === SENDING === #

    def _send_charge(self) -> None:
        """Charge, and keep whatever came of it. The attempt itself is committed already.

        Nothing raises except what has to be tried again from the last commit; the outcome is then
        still open in the database, and the next run asks the provider.
        """
        self.ensure_one()
        attempt = self.with_context(sending_charge=True)
        try:
            with self.env.cr.savepoint():
                attempt._charge_with_token()
        except psycopg2.OperationalError:
            raise
        except Exception as error:  # noqa: BLE001  whatever it was, the money may have moved
            if not isinstance(error, requests.RequestException):
                _logger.exception("Charging %s ended in an error", self.reference)
            attempt.write({"charge_outcome": "unknown", "state_message": str(error)})
        if self.charge_outcome == "open" and self.state == "draft":
            attempt.charge_outcome = "unknown"  # an answer that is no verdict
        if self.charge_outcome == "unknown":
            self._conclude_charge()

    def _send_api_request(self, method, endpoint, *, params=None, data=None, json=None, **kwargs):
        """Keep why a charge failed before Odoo makes one text of a decline and of a time-out."""
        try:
            return super()._send_api_request(
                method, endpoint, params=params, data=data, json=json, **kwargs
            )
        except ValidationError as error:
            if self.env.context.get("sending_charge") and self.charge_outcome == "open":
                response = getattr(error.__context__, "response", None)
                self.write(self._get_charge_failure_values(response))
            raise

    def _get_charge_failure_values(self, response: requests.Response | None) -> dict:
        """What a failed request means for the attempt. Hook for providers that say more.

        :param response: the provider's answer; None if there was none
        """
        if response is None:
            return {"charge_outcome": "unknown"}
        status = response.status_code
        if not 400 <= status < 500 or status in INDETERMINATE:
            return {"charge_outcome": "unknown"}
        return {"charge_outcome": "declined" if status == 402 else "refused"}

    # === FOLLOWING THE STATE === #

    def _update_state(self, allowed_states, target_state, state_message):
        """Every answer passes here, be it the charge's own, a webhook or one we asked for."""
        moved = super()._update_state(allowed_states, target_state, state_message)
        for attempt in moved.filtered("charge_invoice_id"):
            attempt._follow_state()
        return moved

    def _follow_state(self) -> None:
        if self.state == "done":
            self.charge_outcome = "paid"
        elif self.state == "cancel":
            self.charge_outcome = "declined"
        elif self.state == "error" and self.env.context.get("charge_amount_check"):
            self.charge_outcome = "mismatch"
        elif self.state == "error" and self.charge_outcome == "open":
            self.charge_outcome = "declined"
        if self.charge_outcome != "unknown":
            self._conclude_charge()

    def _validate_amount(self, payment_data):
        """An amount that is not ours is money taken: no decline, and no reason to charge again."""
        checking = self.with_context(charge_amount_check=True)
        return super(PaymentTransaction, checking)._validate_amount(payment_data)

    def _conclude_charge(self) -> None:
        """Tell the invoice and its subscription what came of the attempt."""
        self.ensure_one()
        orders = self._get_charged_subscriptions()
        if self.charge_outcome == "paid":
            self.charge_invoice_id.next_charge_date = False
            if not self.env.context.get("charging_saved_cards"):
                # A webhook: nobody else books the payment before Odoo's own cron comes round.
                self.env.ref("payment.cron_post_process_payment_tx").sudo()._trigger()
        elif self.charge_outcome in ("declined", "refused"):
            orders._note_failed_charge(self)
        if self.charge_outcome in ("unknown", "mismatch"):
            orders._note_unknown_charge(self)
        else:
            orders._leave_payment_exception()

    def _get_charged_subscriptions(self):
        """The subscriptions behind the charged invoice; with rights to keep their dates."""
        return self.sudo().charge_invoice_id._get_charged_subscriptions()

    # === POST-PROCESSING === #

    def _post_process(self):
        """A card that a customer saved while paying for a subscription is charged from then on."""
        first_time = self.filtered(lambda tx: not tx.is_post_processed)
        res = super()._post_process()
        for tx in first_time.filtered(lambda tx: tx.state == "done"):
            if tx.token_id:
                orders_sudo = tx.sudo().sale_order_ids.filtered("is_subscription")
                orders_sudo.payment_token_id = tx.token_id
            for order in tx._get_charged_subscriptions():
                order._subscription_post_success_payment(tx, tx.charge_invoice_id)
        return res

    # === ASKING === #

    def _can_ask_provider(self) -> bool:
        """Whether the provider can tell what became of an attempt. Hook."""
        return False

    def _ask_provider(self) -> str:
        """Ask what became of an attempt, and apply the answer after `_reopen_charge()`. Hook.

        :return: ``answered``, ``nothing`` (it never heard of it) or ``unavailable``
        """
        return "unavailable"

    def _is_charge_wanted(self) -> bool:
        """Whether the invoice still has to be paid, and this card may still be used for it."""
        self.ensure_one()
        invoice = self.charge_invoice_id
        return (
            invoice._is_open_for_charge()
            and self.token_id.active
            and float_compare(
                invoice.amount_residual, self.amount, precision_rounding=self.currency_id.rounding
            )
            >= 0
        )
