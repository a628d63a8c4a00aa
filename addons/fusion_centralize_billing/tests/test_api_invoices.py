"""/invoices: what was billed, in cents, with fees that explain themselves."""

from datetime import date, datetime

from odoo.tests import tagged

from .api_common import ApiCase

APRIL_10 = datetime(2026, 4, 10, 15, 0)


@tagged("post_install", "-at_install")
class TestApiInvoices(ApiCase):
    """One subscription of 10 March, billed that day and on 10 April with 1,250.5 GB of usage."""

    def setUp(self) -> None:
        super().setUp()
        self.customer()
        self.subscribe()
        self.bill(date(2026, 3, 10))
        self.push("t-1", properties={"gb": "1250.5"})
        self.push("c-1", code="calls")
        self.service.test_clock = APRIL_10
        self.bill(date(2026, 4, 10))

    def bill(self, day: date) -> None:
        self.env["fusion.billing.invoice"]._run(self.service, day)

    def list(self, query: str = "") -> dict:
        status, body = self.call("GET", f"/invoices{query}")
        self.assertEqual(status, 200, body)
        return body

    def show(self, index: int = 0) -> dict:
        lago_id = self.list()["invoices"][index]["lago_id"]
        status, body = self.call("GET", f"/invoices/{lago_id}")
        self.assertEqual(status, 200, body)
        return body["invoice"]

    @property
    def moves(self):
        return self.env["account.move"].search([("x_fc_service_id", "=", self.service.id)])

    def test_an_invoice_adds_up_in_cents(self) -> None:
        invoice = self.list()["invoices"][0]
        expected = {
            "issuing_date": "2026-04-10",
            "status": "finalized",
            "payment_status": "pending",
            "invoice_type": "subscription",
            "currency": "CAD",
            "fees_amount_cents": 3253,  # 20.00 + 250.5 × 0.05 = 12.525 → 12.53
            "coupons_amount_cents": 0,
            "sub_total_excluding_taxes_amount_cents": 3253,
            "taxes_amount_cents": 423,  # 13 % of 32.53 = 4.2289
            "sub_total_including_taxes_amount_cents": 3676,
            "total_amount_cents": 3676,
            "total_paid_amount_cents": 0,
            "total_due_amount_cents": 3676,
            "version_number": 4,
            "payment_overdue": False,
            "file_url": None,
        }
        self.assertEqual({key: invoice[key] for key in expected}, expected)
        self.assertEqual(invoice["number"], self.moves.sorted("id")[-1].name)
        self.assertEqual(invoice["customer"]["external_id"], "acme")
        [tax] = invoice["applied_taxes"]
        self.assertEqual((tax["tax_rate"], tax["amount_cents"]), (13.0, 423))
        self.assertEqual(tax["fees_amount_cents"], 3253)

    def test_the_list_is_newest_first_and_without_fees(self) -> None:
        body = self.list()
        self.assertEqual(
            [invoice["issuing_date"] for invoice in body["invoices"]],
            ["2026-04-10", "2026-03-10"],
        )
        self.assertEqual(body["meta"]["total_count"], 2)
        self.assertTrue(all("fees" not in invoice for invoice in body["invoices"]))

    def test_one_invoice_shows_its_fees_periods_and_subscriptions(self) -> None:
        invoice = self.show()
        fee, usage = invoice["fees"]
        self.assertEqual(fee["item"]["type"], "subscription")
        self.assertEqual((fee["item"]["code"], fee["amount_cents"]), ("pro", 2000))
        self.assertEqual((fee["units"], fee["taxes_rate"]), ("1.0", 13.0))
        self.assertEqual(fee["from_date"], "2026-04-10T04:00:00+00:00")
        self.assertEqual(fee["to_date"], "2026-05-10T03:59:59+00:00")
        self.assertEqual(usage["item"]["type"], "charge")
        self.assertEqual((usage["item"]["code"], usage["amount_cents"]), ("bandwidth", 1253))
        self.assertEqual((usage["units"], usage["precise_amount"]), ("1250.5", "12.525"))
        self.assertEqual(usage["from_date"], "2026-03-10T04:00:00+00:00")
        ranges = usage["amount_details"]["graduated_ranges"]
        self.assertEqual([step["units"] for step in ranges], ["1000", "250.5"])
        charge = self.service.charge_ids.filtered(lambda c: c.metric_id == self.bandwidth)
        serialize = self.env["fusion.billing.serialize"]
        self.assertEqual(usage["lago_charge_id"], serialize._id("charge", charge))
        [period] = invoice["billing_periods"]
        self.assertEqual(period["subscription_from_datetime"], "2026-04-10T04:00:00Z")
        self.assertEqual(period["charges_from_datetime"], "2026-03-10T04:00:00Z")
        self.assertEqual(period["charges_to_datetime"], "2026-04-10T03:59:59Z")
        self.assertEqual(period["invoicing_reason"], "subscription_periodic")
        self.assertEqual(invoice["subscriptions"][0]["external_id"], "sub-1")
        self.assertEqual(self.show(1)["billing_periods"][0]["invoicing_reason"],
                         "subscription_starting")  # fmt: skip

    def test_fees_and_taxes_sum_to_the_invoice(self) -> None:
        invoice = self.show()
        self.assertEqual(
            sum(fee["amount_cents"] for fee in invoice["fees"]), invoice["fees_amount_cents"]
        )
        self.assertEqual(
            sum(tax["amount_cents"] for tax in invoice["applied_taxes"]),
            invoice["taxes_amount_cents"],
        )

    def test_a_paid_invoice_says_so(self) -> None:
        move = self.moves.sorted("id")[-1]
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=move.ids
        ).create({"payment_date": date(2026, 4, 11)})._create_payments()
        invoice = self.show()
        self.assertEqual(invoice["payment_status"], "succeeded")
        self.assertEqual((invoice["total_paid_amount_cents"], invoice["total_due_amount_cents"]),
                         (3676, 0))  # fmt: skip
        self.assertEqual(invoice["fees"][0]["payment_status"], "succeeded")
        self.assertEqual(len(self.list("?payment_status=succeeded")["invoices"]), 1)
        self.assertEqual(len(self.list("?payment_status[]=pending")["invoices"]), 1)

    def test_a_late_invoice_is_overdue_on_the_services_clock(self) -> None:
        self.assertFalse(self.list()["invoices"][0]["payment_overdue"])
        self.service.test_clock = datetime(2027, 1, 1)
        self.assertTrue(self.list()["invoices"][0]["payment_overdue"])

    def test_drafts_have_no_number_and_voided_ones_nothing_due(self) -> None:
        newest = self.moves.sorted("id")[-1]
        newest.button_draft()
        newest.button_cancel()
        invoice = self.show()
        self.assertEqual((invoice["status"], invoice["total_due_amount_cents"]), ("voided", 0))
        self.assertIsNotNone(invoice["voided_at"])
        self.assertEqual(len(self.list("?status=voided")["invoices"]), 1)

    def test_filters_work_alone_and_together(self) -> None:
        for query, count in (
            ("external_customer_id=acme", 2),
            ("external_customer_id=nobody", 0),
            ("status=finalized", 2),
            ("status[]=draft&status[]=finalized", 2),
            ("statuses[]=draft", 0),
            ("status=failed", 0),
            ("payment_status=failed", 0),
            ("currency=CAD", 2),
            ("currency=USD", 0),
            ("issuing_date_from=2026-03-11", 1),
            ("issuing_date_to=2026-03-10", 1),
            ("issuing_date_from=rubbish", 2),
            ("issuing_date_from=2026-03-01&issuing_date_to=2026-03-31&currency=CAD", 1),
        ):
            with self.subTest(query=query):
                self.assertEqual(self.list(f"?{query}")["meta"]["total_count"], count)

    def test_an_unknown_status_is_422(self) -> None:
        self.assert_invalid(self.call("GET", "/invoices?status=lost"), status=["value_is_invalid"])
        self.assert_invalid(
            self.call("GET", "/invoices?payment_statuses[]=lost"),
            payment_status=["value_is_invalid"],
        )

    def test_what_is_no_invoice_id_is_404(self) -> None:
        serialize = self.env["fusion.billing.serialize"]
        for lago_id in (
            "nonsense",
            "00000000-0000-0000-0000-000000000000",
            serialize._id("customer", self.service.link_ids),
        ):
            self.assert_not_found(self.call("GET", f"/invoices/{lago_id}"), "invoice_not_found")
