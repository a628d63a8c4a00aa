"""A customer with two invoices, and the questions their tests ask again and again."""

from datetime import date, datetime
from typing import Any

from .api_common import ApiCase

APRIL_10 = datetime(2026, 4, 10, 15, 0)


class BilledCase(ApiCase):
    """One subscription of 10 March, billed that day (22.60) and on 10 April with 1,250.5 GB of
    usage: 20.00 + 12.53, and 13 % HST of 4.23, in all 36.76."""

    def setUp(self) -> None:
        super().setUp()
        self.customer()
        self.subscribe()
        self.bill(date(2026, 3, 10))
        self.push("t-1", properties={"gb": "1250.5"})
        self.service.test_clock = APRIL_10
        self.bill(date(2026, 4, 10))
        self.first, self.move = self.moves.sorted("id")
        serialize = self.env["fusion.billing.serialize"]
        self.invoice_id = serialize._id("invoice", self.move)
        self.first_id = serialize._id("invoice", self.first)
        self.fee_id, self.usage_id = (
            serialize._id("fee", line) for line in self.move.invoice_line_ids.sorted("sequence")
        )

    def bill(self, day: date) -> None:
        self.env["fusion.billing.invoice"]._run(self.service, day)

    @property
    def moves(self):
        return self.env["account.move"].search(
            [("x_fc_service_id", "=", self.service.id), ("move_type", "=", "out_invoice")]
        )

    @property
    def notes(self):
        return self.env["account.move"].search(
            [("x_fc_service_id", "=", self.service.id), ("move_type", "=", "out_refund")]
        )

    def ok(self, method: str, path: str, body: Any = None) -> Any:
        """The body of a 200."""
        status, answer = self.call(method, path, body)
        self.assertEqual(status, 200, answer)
        return answer

    def told(self, webhook_type: str) -> list:
        """The webhooks of this type, oldest first."""
        return self.env["fusion.billing.webhook"].search(
            [("service_id", "=", self.service.id), ("webhook_type", "=", webhook_type)],
            order="id",
        )

    def pay(self, move=None, **values: Any) -> None:
        """As a person does, on the screen."""
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=(move or self.move).ids
        ).create({"payment_date": date(2026, 4, 11), **values})._create_payments()

    def assert_book_is_right(self) -> None:
        """Every link from the counter to the receivable holds."""
        self.assertEqual(self.env["fusion.billing.invariants"]._check(self.service), [])

    def assert_not_allowed(self, answer: tuple[int, Any], code: str) -> None:
        """Lago's 405 with this code."""
        self.assertEqual(
            answer, (405, {"status": 405, "error": "Method Not Allowed", "code": code})
        )
