"""What Stripe can be asked, and what it says when a charge fails."""

import calendar
from datetime import timedelta

import requests

from odoo import models
from odoo.addons.payment import utils as payment_utils
from odoo.addons.payment.logging import get_payment_logger
from odoo.exceptions import ValidationError

_logger = get_payment_logger(__name__)

# Stripe's clock and ours may differ by this much.
CLOCKS_APART = timedelta(minutes=5)
PAGE = 100


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    # === CHARGES === #

    def _get_charge_failure_values(self, response: requests.Response | None) -> dict:
        """Read Stripe's `error`: {type, code, decline_code, payment_intent: {id}, …}.

        The type `idempotency_error` is about an earlier request whose outcome we do not have.
        """
        values = super()._get_charge_failure_values(response)
        if self.provider_code != "stripe" or response is None:
            return values
        try:
            error = response.json()["error"]
            kind = error["type"]
        except (ValueError, KeyError, TypeError):
            return {"charge_outcome": "unknown"}  # not Stripe's words: some proxy's, maybe
        if kind == "idempotency_error":
            values["charge_outcome"] = "unknown"
        return values | self._get_stripe_error_values(error)

    def _get_stripe_error_values(self, error: dict) -> dict:
        values = {
            "charge_code": error.get("code") or False,
            "charge_decline_code": error.get("decline_code") or False,
            "charge_advice_code": error.get("advice_code") or False,
            "charge_network_decline_code": error.get("network_decline_code") or False,
            "charge_network_advice_code": error.get("network_advice_code") or False,
        }
        if intent_id := (error.get("payment_intent") or {}).get("id"):
            values["provider_reference"] = intent_id
        return values

    def _can_ask_provider(self) -> bool:
        return self.provider_code == "stripe" or super()._can_ask_provider()

    def _ask_provider(self) -> str:
        """Look for the attempt's PaymentIntent among those of its customer, and apply it."""
        if self.provider_code != "stripe":
            return super()._ask_provider()
        try:
            intents = self._list_stripe_intents()
        except (ValidationError, requests.RequestException):
            return "unavailable"
        mine = [intent for intent in intents if intent.get("description") == self.reference]
        if not mine:
            return "nothing"
        if len(mine) > 1:
            _logger.error("Stripe has %s PaymentIntents for %s", len(mine), self.reference)
        # Money that moved outweighs a try that failed.
        self._apply_stripe_intent(
            next((intent for intent in mine if intent.get("status") == "succeeded"), mine[0])
        )
        return "answered"

    def _list_stripe_intents(self) -> list[dict]:
        """PaymentIntents of the token's customer, from the time of the attempt on."""
        since = calendar.timegm((self.create_date - CLOCKS_APART).utctimetuple())
        query = {
            "customer": self.token_id.provider_ref,
            "created[gte]": since,
            "limit": PAGE,
            "expand[]": "data.payment_method",
        }
        found = []
        while True:
            page = self._send_api_request("GET", "payment_intents", data=query)
            found += page["data"]
            if not page.get("has_more"):
                return found
            query["starting_after"] = page["data"][-1]["id"]

    def _apply_stripe_intent(self, intent: dict) -> None:
        self._reopen_charge()
        self._process(
            "stripe",
            {
                "reference": self.reference,
                "payment_intent": intent,
                "payment_method": intent.get("payment_method"),
            },
        )
        if self.state == "draft":
            # It waits for the customer, who is not there: for a saved card that is a decline.
            self.charge_decline_code = "authentication_required"
            self._set_error(self.env._("The bank wants the customer to confirm this payment."))

    # === SAVED CARDS === #

    def _post_process(self):
        """A card that was saved on a checkout link's page, or with the payment of an invoice, pays
        what runs from then on."""
        first_time = self.filtered(lambda tx: not tx.is_post_processed)
        res = super()._post_process()
        self.env["fusion.billing.surplus"]._tell(first_time.filtered(lambda tx: tx.state == "done"))
        for tx in first_time.filtered(lambda tx: tx.operation == "online_direct"):
            if tx.state == "done" and tx.token_id:
                orders_sudo = tx.sudo().invoice_ids.invoice_line_ids.subscription_id
                orders_sudo._x_fc_running().payment_token_id = tx.token_id
        for tx in first_time.filtered(lambda tx: tx.operation == "validation"):
            if tx.state == "done" and tx.token_id:
                self.env["fusion.billing.portal"]._use_card(tx.token_id)
        return res

    # === REFUNDS === #

    def _send_api_request(self, method, endpoint, *, params=None, data=None, json=None, **kwargs):
        """Give a refund its idempotency key: one whose answer is lost must not be paid twice."""
        if self.provider_code == "stripe" and (method, endpoint) == ("POST", "refunds"):
            kwargs.setdefault(
                "idempotency_key", payment_utils.generate_idempotency_key(self, scope="refunds")
            )
        return super()._send_api_request(
            method, endpoint, params=params, data=data, json=json, **kwargs
        )
