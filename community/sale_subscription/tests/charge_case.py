"""A bank for the tests: a provider whose answers are scripted, and runs of the real job."""

from unittest.mock import patch

import requests
from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tools import mute_logger

from .common import SubscriptionCase

PROVIDER = "odoo.addons.payment.models.payment_provider"
TRANSACTION = "odoo.addons.payment.models.payment_transaction.PaymentTransaction"


class ChargeCase(SubscriptionCase):
    """The provider is Odoo's `none`; what it answers is in `bank`, one entry for each charge."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cron = cls.env.ref("sale_subscription.ir_cron_charge_saved_cards")
        method = cls.env.ref("payment.payment_method_unknown")
        cls.provider = cls.env["payment.provider"].create(
            {
                "name": "Bank",
                "code": "none",
                "state": "test",
                "company_id": cls.env.company.id,
                "allow_tokenization": True,
                "payment_method_ids": [Command.set(method.ids)],
            }
        )
        method.write({"active": True, "support_tokenization": True})
        journal = cls.company_data["default_journal_bank"]
        cls.provider.journal_id = journal
        journal.inbound_payment_method_line_ids[:1].copy(
            {"payment_provider_id": cls.provider.id, "name": "Bank"}
        )
        cls.token = cls._token()

    def setUp(self):
        super().setUp()
        self.bank = []
        self.sent = []
        self.startPatcher(
            patch(f"{TRANSACTION}._send_payment_request", self._make_answer(), create=False)
        )

    @classmethod
    def _token(cls, **values):
        return cls.env["payment.token"].create(
            {
                "provider_id": cls.provider.id,
                "payment_method_id": cls.provider.payment_method_ids.id,
                "payment_details": "4242",
                "provider_ref": "cus_1",
                "partner_id": cls.customer.id,
                **values,
            }
        )

    def _make_answer(self):
        """``done``, ``pending``, ``error``, a status, or None for a lost answer."""

        def send(transaction):
            self.sent.append(transaction.reference)
            answer = self.bank.pop(0) if self.bank else "done"
            if answer in ("done", "pending"):
                getattr(transaction, f"_set_{answer}")()
            elif answer == "error":
                transaction._set_error("Declined.")
            elif answer != "silent":
                with self._requests(answer), mute_logger(PROVIDER):
                    transaction._send_api_request("POST", "charges")

        return send

    def _requests(self, status):
        """The network edge: a status, or no answer at all."""

        def request(*args, **kwargs):
            if status is None:
                raise requests.exceptions.Timeout
            response = requests.Response()
            response.status_code = status
            response._content = b"no"
            return response

        return patch(f"{PROVIDER}.requests.request", request)

    def _subscription(self, **values):
        with freeze_time("2026-01-01 12:00:00"):
            return self._order("2026-01-01", payment_token_id=self.token.id, **values)

    def _run(self, day="2026-01-01", time="12:00:00"):
        """One run of the job as the scheduler makes it, on this day."""
        with freeze_time(f"{day} {time}"), self.enter_registry_test_mode():
            self.cron.method_direct_trigger()

    def _invoiced(self, **values):
        """A subscription, and its first invoice: posted and not yet charged."""
        order = self._subscription(**values)
        with freeze_time("2026-01-01 12:00:00"):
            return order, order._create_recurring_invoice()

    def _refuse(self, *args):
        raise ValidationError("no")
