"""POST /invoices/preview: the invoice that is coming, and nothing is written for it."""

from datetime import date, datetime

from odoo.tests import tagged

from .api_billed_case import BilledCase
from .api_common import ONTARIO

SAID_LATER = {
    "lago_id", "sequential_id", "number", "status", "created_at", "updated_at", "net_payment_term",
    "billing_periods", "subscriptions", "fees", "applied_taxes", "customer", "file_url",
    "payment_due_date",
}  # fmt: skip


@tagged("post_install", "-at_install")
class TestApiInvoicePreview(BilledCase):
    def asked(self, key: str = "", **body):
        return self.call("POST", "/invoices/preview", body, key=key)

    def previewed(self, **body) -> dict:
        status, answer = self.asked(**body)
        self.assertEqual(status, 200, answer)
        return answer["invoice"]

    def counts(self) -> list[int]:
        models = ("sale.order", "res.partner", "account.move", "fusion.billing.account.link",
                  "fusion.billing.webhook", "fusion.billing.period")  # fmt: skip
        return [self.env[model].search_count([]) for model in models]

    def test_it_says_what_the_next_invoice_says(self) -> None:
        self.push("m-1", properties={"gb": "1100"})
        before = self.counts()
        preview = self.previewed(subscriptions={"external_ids": ["sub-1"]})
        self.assertEqual(self.counts(), before)
        self.assertEqual(
            (preview["issuing_date"], preview["status"], preview["fees_amount_cents"]),
            ("2026-05-10", "draft", 2500),
        )
        self.service.test_clock = datetime(2026, 5, 10, 15)
        self.bill(date(2026, 5, 10))
        move = self.moves.sorted("id")[-1]
        lago_id = self.env["fusion.billing.serialize"]._id("invoice", move)
        invoice = self.ok("GET", f"/invoices/{lago_id}")["invoice"]
        self.assertEqual(set(preview), set(invoice))
        for name in set(invoice) - SAID_LATER:
            self.assertEqual(preview[name], invoice[name], name)
        fee = {"lago_id", "lago_invoice_id", "created_at"}
        for ours, theirs in zip(preview["fees"], invoice["fees"], strict=True):
            self.assertEqual(set(ours), set(theirs))
            for name in set(theirs) - fee:
                self.assertEqual(ours[name], theirs[name], name)
        tax = {"lago_id", "lago_invoice_id", "created_at"}
        for ours, theirs in zip(preview["applied_taxes"], invoice["applied_taxes"], strict=True):
            for name in set(theirs) - tax:
                self.assertEqual(ours[name], theirs[name], name)
        self.assertEqual(preview["billing_periods"], invoice["billing_periods"])

    def test_a_customer_who_is_only_described_and_a_plan(self) -> None:
        before = self.counts()
        preview = self.previewed(
            customer={"name": "Nobody", "city": "Calgary", "state": "AB", "country": "CA"},
            plan_code="pro",
            billing_time="anniversary",
        )
        self.assertEqual(self.counts(), before)
        self.assertEqual(preview["issuing_date"], "2026-04-10")
        # 20.00 and 5 % GST
        self.assertEqual((preview["fees_amount_cents"], preview["taxes_amount_cents"]), (2000, 100))
        self.assertEqual([tax["amount_cents"] for tax in preview["applied_taxes"]], [100])
        self.assertEqual(preview["customer"]["name"], "Nobody")
        [fee] = preview["fees"]
        self.assertEqual((fee["item"]["type"], fee["amount_cents"]), ("subscription", 2000))
        self.assertEqual(fee["from_date"], "2026-04-10T04:00:00+00:00")

    def test_a_calendar_month_begins_with_its_part(self) -> None:
        preview = self.previewed(
            customer={"external_id": "acme"}, plan_code="pro", billing_time="calendar"
        )
        # 21 of April's 30 days: 14.00, and 13 % HST
        self.assertEqual(
            (preview["fees_amount_cents"], preview["total_amount_cents"]), (1400, 1582)
        )
        self.assertEqual(preview["customer"]["external_id"], "acme")
        self.assertEqual(self.service.link_ids.data["name"], ONTARIO["name"])

    def test_subscriptions_due_together_are_on_one(self) -> None:
        self.subscribe("sub-2", subscription_at="2026-03-10T12:00:00Z")
        self.subscribe("sub-3", subscription_at="2026-03-20T12:00:00Z")
        wanted = {"external_ids": ["sub-1", "sub-2"]}
        preview = self.previewed(subscriptions=wanted, customer={"external_id": "acme"})
        self.assertEqual(len(preview["subscriptions"]), 2)
        self.assertEqual(
            (preview["fees_amount_cents"], preview["total_amount_cents"]), (4000, 4520)
        )
        self.assertEqual(sum(fee["amount_cents"] for fee in preview["fees"]), 4000)
        first = self.previewed(subscriptions={"external_ids": ["sub-1", "sub-3"]})
        self.assertEqual(
            [own["external_id"] for own in first["subscriptions"]], ["sub-3"], "due on 20 April"
        )

    def test_what_is_not_previewed_is_refused(self) -> None:
        self.assert_invalid(self.asked(), base=["value_is_mandatory"])
        wanted = {"external_ids": ["sub-1"]}
        self.assert_invalid(
            self.asked(subscriptions=wanted | {"terminated_at": "2026-04-20"}),
            subscriptions={"terminated_at": ["not_supported"]},
        )
        self.assert_invalid(
            self.asked(plan_code="pro", coupons=[{"code": "ten"}]), coupons=["not_supported"]
        )
        self.assert_invalid(
            self.asked(plan_code="pro", customer={"country": "XX"}),
            country=["not_a_valid_country_code"],
        )
        self.assert_not_found(self.asked(plan_code="nothing"), "plan_not_found")
        self.assert_not_found(
            self.asked(plan_code="pro", customer={"external_id": "x"}), "customer_not_found"
        )
        self.assert_not_found(
            self.asked(subscriptions=wanted, customer={"name": "x", "external_id": "x"}),
            "subscription_not_found",
        )

    def test_another_services_things_are_404_like_nothing(self) -> None:
        _other, key = self.make_service("other")
        for name in ("sub-1", "nothing"):
            answer = self.asked(key, subscriptions={"external_ids": [name]})
            self.assert_not_found(answer, "subscription_not_found")
        for name in ("acme", "nothing"):
            answer = self.asked(key, customer={"external_id": name}, plan_code="pro")
            self.assert_not_found(answer, "customer_not_found")
        for plan_code in ("pro", "nothing"):
            self.assert_not_found(self.asked(key, plan_code=plan_code), "plan_not_found")
