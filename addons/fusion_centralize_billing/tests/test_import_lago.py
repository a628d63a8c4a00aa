"""What an import from Lago makes of customers, plans, credits, subscriptions and invoices."""

from datetime import UTC, date, datetime
from decimal import Decimal
from unittest.mock import patch

from odoo.tests import tagged

from ..engine.money import D
from ..engine.usage_item import IngestItem
from ..pipeline import import_lago
from ..pipeline.gate import to_decimal
from .lago_case import LagoCase, invoice, plan, standard, subscription


@tagged("post_install", "-at_install")
class TestImportLago(LagoCase):
    def test_everything_arrives_in_shadow_and_a_second_run_changes_nothing(self) -> None:
        report = self.run_import()
        self.assertEqual(report["metrics"]["created"], 2, report["lines"])
        self.assertEqual(report["customers"]["created"], 3)
        self.assertEqual(report["subscriptions"]["created"], 4, report["lines"])
        charges = self.env["fusion.billing.charge"].search([("service_id", "=", self.service.id)])
        self.assertEqual(len(charges), 3)
        self.assertFalse(charges.plan_id)
        orders = self.order("s1") | self.order("s2") | self.order("s3") | self.order("s5")
        self.assertEqual(set(orders.mapped("state")), {"draft"})
        again = self.run_import()
        names = ("metrics", "taxes", "plans", "customers", "coupons", "wallets", "subscriptions",
                 "invoices")  # fmt: skip
        self.assertEqual(
            [again[name][outcome] for name in names for outcome in ("created", "updated")],
            [0] * 16,
            again["lines"],
        )

    def test_a_dry_run_reports_the_same_and_leaves_nothing(self) -> None:
        rehearsed = self.run_import("dry_run")
        self.assertFalse(self.order("s1"))
        self.assertFalse(self.record("w1"))
        done = self.run_import()
        for name in ("plans", "customers", "subscriptions", "wallets", "invoices"):
            self.assertEqual(rehearsed[name], done[name])

    def test_only_get_is_ever_sent_to_lago(self) -> None:
        self.run_import()
        self.assertEqual({method for method, _path in self.lago.seen}, {"GET"})

    def test_prices_of_a_plan_come_over_exactly_with_filters_tiers_and_minimum(self) -> None:
        self.run_import()
        found = self.env["fusion.billing.charge"].search(
            [("service_id", "=", self.service.id), ("plan_code", "=", "pro")]
        )
        by_code = {charge.code: charge for charge in found}
        gb, calls = by_code["gb"], by_code["calls"]
        self.assertEqual(to_decimal(gb.unit_price), D("0.05"))
        self.assertEqual(to_decimal(gb.min_amount), D("5"))
        self.assertEqual(gb.filter_ids.values, {"region": ["eu"]})
        self.assertEqual(to_decimal(gb.filter_ids.unit_price), D("0.07"))
        tiers = [
            (to_decimal(tier.up_to), to_decimal(tier.unit_price), to_decimal(tier.flat_price))
            for tier in calls.tier_ids
        ]
        self.assertEqual(tiers, [(100, 0, 0), (0, D("0.001"), 2)])

    def test_what_this_system_does_not_bill_fails_by_name_and_stops_nothing(self) -> None:
        report = self.run_import()
        self.assertIn("aggregation_type", self.reasons(report, "odd"))
        self.assertIn("amount_currency", self.reasons(report, "odd"))
        self.assertIn("pay_in_advance", self.reasons(report, "early"))
        self.assertEqual(report["severity"], "danger")

    def test_a_price_that_changed_in_lago_changes_here(self) -> None:
        self.run_import()
        self.lago.rows["plans"][0] = plan("pro", amount_cents=3100, charges=[standard("0.06")])
        report = self.run_import()
        self.assertEqual(report["plans"]["updated"], 1, report["lines"])
        self.assertEqual(self.order("s1").order_line.price_unit, 31)
        charges = self.env["fusion.billing.charge"].search(
            [("service_id", "=", self.service.id), ("plan_code", "=", "pro")]
        )
        self.assertEqual([(c.code, to_decimal(c.unit_price)) for c in charges], [("gb", D("0.06"))])

    def test_own_prices_of_a_subscription_are_a_plan_of_its_own(self) -> None:
        self.run_import()
        order = self.order("s5")
        self.assertEqual(order.plan_id.x_fc_parent_id, self.order("s1").plan_id)
        self.assertEqual(order.order_line.price_unit, 15)
        charge = self.env["fusion.billing.charge"].search(
            [("service_id", "=", self.service.id), ("plan_code", "=", order.plan_id.x_fc_code)]
        )
        self.assertEqual(to_decimal(charge.unit_price), D("0.02"))

    def test_periods_are_local_days_whatever_the_billing_time(self) -> None:
        self.lago.rows["subscriptions"].append(
            subscription("s6", "ann", started_at="2026-03-12T15:00:00Z",
                         current_billing_period_started_at="2026-03-12T15:00:00Z")
        )  # fmt: skip
        self.run_import()
        for name, start, end, billing_time in (
            ("s1", date(2026, 3, 1), date(2026, 4, 1), "calendar"),
            ("s2", date(2026, 2, 28), date(2026, 3, 31), "anniversary"),
            ("s3", date(2026, 4, 10), date(2026, 4, 10), "calendar"),
            ("s6", date(2026, 3, 1), date(2026, 4, 1), "calendar"),
        ):
            with self.subTest(name):
                order = self.order(name)
                self.assertEqual(order.x_fc_current_period_start, start)
                self.assertEqual(order.x_fc_current_period_end, end)
                self.assertEqual(order.x_fc_billing_time, billing_time)
        self.assertEqual(self.order("s2").start_date, date(2025, 12, 31))
        self.assertFalse(self.order("s4"))

    def test_a_trial_that_runs_is_billed_where_it_ends(self) -> None:
        self.lago.rows["plans"].append(plan("trial", trial_period=30.0))
        self.lago.rows["subscriptions"].append(
            subscription("s7", "ann", plan_code="trial", started_at="2026-03-01T15:00:00Z")
        )
        self.run_import()
        self.assertEqual(self.order("s7").x_fc_current_period_start, date(2026, 3, 31))
        self.assertEqual(self.order("s7").x_fc_current_period_end, date(2026, 3, 31))

    def test_a_change_of_plan_that_waits_in_lago_is_told(self) -> None:
        self.lago.rows["subscriptions"].insert(0, subscription("s1", "ann", status="pending"))
        report = self.run_import()
        self.assertIn("at the end of its period", self.reasons(report, "s1"))
        self.assertEqual(self.order("s1").x_fc_import_status, "active")

    def test_an_id_that_runs_is_not_ended_by_its_past_of_another_batch(self) -> None:
        rows = self.lago.rows["subscriptions"]
        past = subscription("s1", "ann", status="terminated", terminated_at="2025-12-01T00:00:00Z")
        rows.insert(0, subscription("s1", "ann", status="pending"))
        rows.append(past | {"lago_id": "sub-s1-before"})
        with patch.object(import_lago, "BATCH", 1):
            report = self.run_import()
            again = self.run_import()
        self.assertEqual((self.order("s1").state, self.order("s1").x_fc_import_status),
                         ("draft", "active"))  # fmt: skip
        said = [line["reason"] for line in report["lines"] if line["external_id"] == "s1"]
        self.assertIn("An earlier one of this id.", said)
        self.assertTrue(any("at the end of its period" in reason for reason in said))
        self.assertEqual(again["subscriptions"]["created"], 0)
        self.assertEqual(again["subscriptions"]["updated"], 0)

    def test_a_credit_holds_a_customer_who_came_over_after_it(self) -> None:
        customers = self.lago.rows["customers"]
        ann = customers.pop(0)
        self.run_import()
        self.assertFalse(self.record("w1").link_id)
        customers.insert(0, ann)
        self.run_import()
        self.assertEqual(self.record("w1").link_id.external_id, "ann")
        held = {line["external_id"]: line["reason"] for line in self.service.go_live()["held"]}
        self.assertIn("25.00 CAD left", held["s1"])

    def test_taxes_are_matched_by_rate_and_none_is_made(self) -> None:
        taxes = self.env["account.tax"]
        before = taxes.search_count([])
        report = self.run_import()
        self.assertEqual(taxes.search_count([]), before)
        odd = [line for line in report["lines"] if line["object"] == "taxes"]
        self.assertIn("None was made", " ".join(line["reason"] for line in odd))

    def test_a_credit_in_lago_holds_its_customer_back_until_somebody_decides(self) -> None:
        self.run_import()
        self.assertEqual(self.record("w1").value, "25.00 CAD left")
        self.assertEqual(self.record("w2").decision, "none")
        held = {line["external_id"]: line["reason"] for line in self.service.go_live()["held"]}
        self.assertIn("25.00 CAD left", held["s1"])
        self.assertIn("10.0 % off", held["s2"])
        self.record("w1").action_settled()
        self.assertEqual(self.record("w1").decided_by_id, self.env.user)
        self.service.go_live()
        self.assertEqual(self.order("s1").state, "sale")
        self.assertEqual(self.order("s1").next_invoice_date, date(2026, 4, 1))
        self.assertEqual(self.order("s2").state, "draft")

    def test_a_wallet_that_moved_after_the_decision_asks_again(self) -> None:
        self.run_import()
        self.record("w1").action_waived()
        self.run_import()
        self.assertEqual(self.record("w1").decision, "waived")
        self.lago.rows["wallets"][0]["balance_cents"] = 900
        self.run_import()
        self.assertEqual(self.record("w1").decision, "pending")

    def test_past_invoices_are_reference_and_one_side_of_the_dual_run(self) -> None:
        before = self.env["account.move"].search_count([])
        self.run_import()
        self.assertEqual(self.env["account.move"].search_count([]), before)
        (item,) = self.record("i1").data["items"]
        self.assertEqual((item["period_start"], item["period_end"]), ("2026-02-01", "2026-03-01"))
        amounts = {(line["kind"], line["code"]): line["amount"] for line in item["lines"]}
        self.assertEqual({key: Decimal(value) for key, value in amounts.items()}, {
            ("base", "pro"): 29, ("usage", "gb"): 10, ("tax", "13.0"): D("5.07"),
        })  # fmt: skip
        told = self.env["fusion.billing.app.invoice"].search([("service_id", "=", self.service.id)])
        self.assertEqual((told.source, told.order_id), ("lago", self.order("s1")))
        self.assertEqual((told.untaxed, told.tax), (39, 5.07))

    def test_a_past_invoice_of_lago_is_compared_with_what_we_would_have_billed(self) -> None:
        self.run_import()
        order = self.order("s1")
        order.order_line.tax_ids = self.env["account.tax"].create(
            {"name": "HST 13", "amount": 13, "type_tax_use": "sale"}
        )
        used = IngestItem("u1", "s1", "gb", datetime(2026, 2, 10, 12, tzinfo=UTC), {"gb": "200"})
        self.env["fusion.billing.ingest"]._ingest(self.service, [used])
        self.service.compare_app_invoices("2026-02-01", "2026-03-01")
        row = self.env["fusion.billing.reconciliation"].search([("subscription_id", "=", order.id)])
        self.assertEqual(row.difference_class, "match", row.line_ids.mapped("evidence"))
        told = self.env["fusion.billing.app.invoice"].search([("order_id", "=", order.id)])
        told.unlink()
        self.record("i1").unlink()
        self.lago.single["invoices/i1"]["invoice"]["fees"][1]["amount_cents"] = 1001
        self.run_import()
        self.service.compare_app_invoices("2026-02-01", "2026-03-01")
        self.assertEqual(row.difference_class, "rounding")

    def test_a_live_service_keeps_its_prices_and_says_so(self) -> None:
        self.run_import()
        self.record("w1").action_waived()
        self.service.go_live()
        self.lago.rows["plans"][0]["amount_cents"] = 9900
        report = self.run_import()
        self.assertIn("live", self.reasons(report, "pro"))
        self.assertEqual(self.order("s1").order_line.price_unit, 29)


@tagged("post_install", "-at_install")
class TestLagoChecklist(LagoCase):
    def answers(self) -> dict[str, tuple[bool, str]]:
        return {p["point"]: (p["ok"], p["reason"]) for p in self.service.lago_checklist()}

    def test_each_point_says_no_with_its_reason(self) -> None:
        self.lago.rows["events"] = [{"timestamp": "2026-03-14T10:00:00.000Z"}]
        self.run_import()
        self.lago.rows["invoices"].append(invoice("i2", "s1", "ann", total_due_amount_cents=100))
        self.lago.rows["customers"].append({"external_id": "dan"})
        answers = self.answers()
        self.assertEqual({ok for ok, _reason in answers.values()}, {False}, answers)
        reasons = " ".join(reason for _ok, reason in answers.values())
        for word in (
            "s1, s2, s3, s5",
            "dan",
            "LAG-001-i2",
            "2026-03-14",
            "25.00 CAD",
            "No endpoint",
        ):
            self.assertIn(word, reasons)

    def test_lago_may_go_when_every_point_says_yes(self) -> None:
        self.lago.rows["subscriptions"] = [subscription("s1", "ann")]
        self.run_import()
        self.record("w1").action_settled()
        self.record("k1").action_waived()
        self.service.go_live()
        self.service.clean_periods_required = 2
        order = self.order("s1")
        self.env["fusion.billing.webhook.endpoint"].create(
            {"service_id": self.service.id, "url": "https://app.example.ca/hooks", "main": True}
        )
        self.env["fusion.billing.usage.push"].create(
            {"service_id": self.service.id, "kind": "events", "received_at": self.service._now(),
             "items": 1, "accepted": 1, "outcome": "new"}
        )  # fmt: skip
        compared = self.env["fusion.billing.reconciliation"]
        for month, word in ((1, "match"), (2, "rate")):
            compared |= compared.create(
                {
                    "service_id": self.service.id, "subscription_id": order.id,
                    "link_id": order.x_fc_link_id.id, "currency_id": order.currency_id.id,
                    "external_subscription_id": "s1",
                    "period_start": date(2026, month, 1), "period_end": date(2026, month + 1, 1),
                    "difference_class": word,
                    "note": "A cent",
                }
            )  # fmt: skip
        self.assertEqual({ok for ok, _reason in self.answers().values()}, {True, False})
        compared.action_sign_off()
        answers = self.answers()
        self.assertEqual({ok for ok, _reason in answers.values()}, {True}, answers)

    def test_a_lago_that_does_not_answer_is_no_yes(self) -> None:
        self.parameters.set_param("fusion_billing.lago_api_key", "wrong")
        answers = self.answers()
        self.assertIn("401", answers["Lago can be asked"][1])
