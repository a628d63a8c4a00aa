"""The billing run: once, in order, and whoever cannot be billed is told apart from the others."""

from datetime import date, datetime
from unittest.mock import patch

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .usage_case import UsageCase

MARCH, APRIL, MAY = date(2026, 3, 1), date(2026, 4, 1), date(2026, 5, 1)


@tagged("post_install", "-at_install", "fc_invoice")
class TestInvoiceRun(UsageCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.order = cls.make_order("sub-1")

    def _other_order(self, external_id: str, **partner_values):
        partner = self.make_partner(external_id, **partner_values)
        return self.make_order(external_id, link=self.make_link(external_id, partner))

    def _line(self, run, order):
        return run.line_ids.filtered(lambda line: line.order_id == order)

    def test_a_second_run_finds_nothing(self) -> None:
        self.push(self.item("a", 1250))
        self.assertEqual(self.run_billing(APRIL).invoiced_count, 2)
        again = self.run_billing(APRIL)
        self.assertRecordValues(
            again, [{"state": "done", "invoiced_count": 0, "parked_count": 0, "skipped_count": 0}]
        )
        self.assertEqual(len(self.order.invoice_ids), 2)

    def test_missed_periods_are_billed_oldest_first_on_their_own_dates(self) -> None:
        run = self.run_billing(MAY)
        self.assertEqual(
            run.line_ids.sorted("id").invoice_id.mapped("invoice_date"), [MARCH, APRIL, MAY]
        )

    def test_a_customer_without_a_province_waits_and_the_others_are_billed(self) -> None:
        lost = self._other_order("lost", state_id=False)
        nowhere = self._other_order("nowhere", state_id=False, country_id=False)
        run = self.run_billing(MARCH)
        self.assertRecordValues(
            run.line_ids.sorted(lambda line: line.order_id.id),
            [
                {"order_id": self.order.id, "state": "invoiced", "reason": False},
                {"order_id": lost.id, "state": "parked", "reason": "lost has no province."},
                {"order_id": nowhere.id, "state": "parked", "reason": "nowhere has no country."},
            ],
        )
        lost.partner_id.state_id = self.env.ref("base.state_ca_ab")
        self.assertEqual(self._line(self.run_billing(MARCH), lost).state, "invoiced")

    def test_a_currency_without_a_rate_by_that_day_waits(self) -> None:
        currency = (
            self.env["res.currency"].with_context(active_test=False).search([("name", "=", "NZD")])
        )
        currency.write({"active": True, "rate_ids": [Command.clear()]})
        pricelist = self.env["product.pricelist"].create(
            {"name": "Foreign", "currency_id": currency.id}
        )
        order = self.make_order("sub-2", pricelist_id=pricelist.id, currency_id=currency.id)
        # Charges of the plan are in the company's currency: this plan has none.
        self.charge.active = False
        self.assertIn("exchange rate for NZD", self._line(self.run_billing(MARCH), order).reason)
        currency.rate_ids = [Command.create({"name": date(2026, 3, 2), "rate": 1.2})]
        self.assertEqual(self._line(self.run_billing(MARCH), order).state, "parked")
        currency.rate_ids = [Command.create({"name": MARCH, "rate": 1.2})]
        self.assertEqual(self._line(self.run_billing(MARCH), order).state, "invoiced")

    def test_a_charge_in_another_currency_parks_its_subscriptions_only(self) -> None:
        currency = (
            self.env["res.currency"].with_context(active_test=False).search([("name", "=", "NZD")])
        )
        plan = self.make_plan("foreign", 10)
        self.make_charge("x", plan_id=plan.id, plan_code="foreign", currency_id=currency.id)
        order = self.make_order("sub-2", plan=plan)
        run = self.run_billing(APRIL)
        self.assertEqual(self._line(run, self.order).mapped("state"), ["invoiced"] * 2)
        parked = self._line(run, order).filtered(lambda line: line.state == "parked")
        self.assertIn("currencies_does_not_match", parked.reason)

    @mute_logger("odoo.addons.sale_subscription.models.sale_order_invoice")
    def test_what_fails_while_invoicing_is_undone_alone_and_says_why(self) -> None:
        poor = self._other_order("poor")
        posting = type(self.env["account.move"])._post

        def fails_for_one(moves, soft=True):
            if poor.partner_id in moves.partner_id:
                raise UserError("The ledger is closed for this customer.")
            return posting(moves, soft)

        with patch.object(type(self.env["account.move"]), "_post", fails_for_one):
            run = self.run_billing(MARCH)
        self.assertEqual(self._line(run, self.order).state, "invoiced")
        self.assertEqual(self._line(run, poor).state, "parked")
        self.assertIn("The ledger is closed for this customer.", self._line(run, poor).reason)
        self.assertFalse(poor.invoice_ids)
        self.assertFalse(poor.x_fc_period_ids)

    def test_a_run_that_is_killed_leaves_nothing_and_the_next_gives_the_same_book(self) -> None:
        self.push(self.item("a", 1250))
        with self.assertRaises(RuntimeError), self.env.cr.savepoint():
            self.run_billing(APRIL)
            raise RuntimeError("killed")
        self.assertFalse(self.order.invoice_ids)
        run = self.run_billing(APRIL)
        self.assertEqual(sorted(run.line_ids.invoice_id.mapped("amount_untaxed")), [29.0, 41.5])

    def test_the_unique_index_decides_between_two_runs(self) -> None:
        self.push(self.item("a", 1250))
        self.run_billing(MARCH)
        rival = {"subscription_id": self.order.id, "service_id": self.service.id, "end": APRIL}
        stage = type(self.env["fusion.billing.draft"])
        claims = stage._claims

        def blind(self_, orders):
            """What a run sees whose snapshot is older than its rival's claim."""
            found = claims(self_, orders)
            return {key: value.browse() for key, value in found.items()}

        self.env["fusion.billing.period"].create({**rival, "start": MARCH, "state": "billed"})
        with patch.object(stage, "_claims", blind), mute_logger("odoo.sql_db"):
            run = self.run_billing(APRIL)
        self.assertEqual(run.line_ids.mapped("state"), ["parked"])
        self.assertEqual(len(self.order.invoice_ids), 1)

    def test_a_shadow_service_is_not_billed_by_any_of_its_locks(self) -> None:
        shadow = self.make_service("shadow", mode="shadow")
        plan = self.make_plan("pro", 29, service=shadow)
        link = self.make_link("s-1", self.partner, service=shadow)
        order = self.make_order("s-1", link=link, plan=plan, confirm=False)
        run = self.run_billing(MAY, shadow)
        self.assertFalse(run.line_ids)
        drafts = self.env["fusion.billing.draft"].with_context(billing_date=MAY)._drafts(order)
        self.assertEqual(drafts, {})

    def test_a_charge_without_plan_never_bills_though_its_code_fits(self) -> None:
        self.charge.plan_id = False
        self.push(self.item("a", 1250))
        run = self.run_billing(APRIL)
        self.assertEqual(run.line_ids.invoice_id.mapped("amount_untaxed"), [29.0, 29.0])
        warned = run.line_ids.filtered("reason")
        self.assertEqual(warned.reason, "Used, but the plan has no price: Bandwidth")

    def test_what_odoo_leaves_alone_is_listed_with_the_reason(self) -> None:
        self.order.payment_exception = True
        run = self.run_billing(MARCH)
        self.assertRecordValues(run.line_ids, [{"state": "skipped"}])
        self.assertIn("last charge", run.line_ids.reason)

    def test_taxes_follow_a_customer_who_moved(self) -> None:
        position = self.env["account.fiscal.position"].create(
            {
                "name": "Alberta",
                "auto_apply": True,
                "country_id": self.env.ref("base.ca").id,
                "state_ids": [Command.set(self.env.ref("base.state_ca_ab").ids)],
                "sequence": -1,
            }
        )
        self.partner.state_id = self.env.ref("base.state_ca_ab")
        invoice = self.run_billing(MARCH).line_ids.invoice_id
        self.assertEqual(invoice.fiscal_position_id, position)

    def test_the_app_hears_of_each_posted_invoice(self) -> None:
        emitted = []
        outbox = type(self.env["fusion.billing.outbox"])
        with patch.object(outbox, "_emit", lambda _self, *args: emitted.append(args)):
            invoice = self.run_billing(MARCH).line_ids.invoice_id
        self.assertEqual(len(emitted), 1)
        service, webhook_type, object_type, payload = emitted[0]
        self.assertEqual(
            (service, webhook_type, object_type), (self.service, "invoice.created", "invoice")
        )
        self.assertEqual(payload["number"], invoice.name)

    def test_the_cron_bills_live_services_on_the_real_clock_on_each_order_s_own_day(self) -> None:
        self.service.test_clock = False
        west = self._other_order("west")
        west.x_fc_tz = "America/Vancouver"
        clocked = self.make_service("clocked")
        plan = self.make_plan("pro", 10, service=clocked)
        link = self.make_link("c-1", self.partner, service=clocked)
        on_test_clock = self.make_order("c-1", link=link, plan=plan)
        # 02:00 in Toronto on 1 March, 23:00 on 28 February in Vancouver.
        with (
            freeze_time("2026-03-01 07:00:00"),
            self.enter_registry_test_mode(),
            self.registry.cursor() as cr,
        ):
            self.env(cr=cr)["fusion.billing.invoice"]._cron_run()
        self.env.invalidate_all()
        self.assertEqual(self.order.next_invoice_date, APRIL)
        self.assertEqual((west | on_test_clock).invoice_ids.ids, [])

    def test_the_cron_has_nothing_to_do_while_no_service_is_live(self) -> None:
        self.env["fusion.billing.service"].search([("mode", "=", "live")]).mode = "shadow"
        runs = self.env["fusion.billing.run"].search_count([("id", ">", 0)])
        self.env["fusion.billing.invoice"]._cron_run()
        self.assertEqual(self.env["fusion.billing.run"].search_count([("id", ">", 0)]), runs)

    def test_the_run_adds_up_what_it_billed(self) -> None:
        self._other_order("second")
        run = self.run_billing(MARCH)
        self.assertEqual(run.total, f"{self.currency.name} 58.00")


@tagged("post_install", "-at_install", "fc_invoice")
class TestInvoiceFinal(UsageCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.order = cls.make_order("sub-1")

    def _final(self, end: date):
        return self.env["fusion.billing.invoice"]._bill_final(self.order, end)

    def test_the_last_partial_period_s_usage_has_an_invoice_of_its_own(self) -> None:
        self.run_billing(MARCH)
        self.push(self.item("a", 1250))
        invoice = self._final(date(2026, 3, 21))
        self.assertRecordValues(
            invoice,
            [{"amount_untaxed": 12.5, "state": "posted", "x_fc_service_id": self.service.id}],
        )
        self.assertRecordValues(
            self.order.x_fc_period_ids, [{"start": MARCH, "end": date(2026, 3, 21)}]
        )
        self.assertFalse(self._final(date(2026, 3, 21)))

    def test_what_was_due_before_the_end_is_billed_first(self) -> None:
        self.push(self.item("a", 1250), self.item("b", 1100, at=datetime(2026, 4, 3)))
        invoices = self._final(date(2026, 4, 11)).sorted("id")
        self.assertEqual(invoices.mapped("amount_untaxed"), [29.0, 41.5, 5.0])

    def test_in_arrears_the_last_fee_is_for_the_days_used(self) -> None:
        self.base_product.allow_prorated_price = True
        plan = self.make_plan("later", 31, bill_end_period=True)
        self.make_charge("late", plan_id=plan.id, plan_code="later")
        self.order = self.make_order("sub-2", plan=plan)
        self.push(self.item("a", 1100, sub="sub-2"))
        invoice = self._final(date(2026, 3, 11))
        self.assertEqual(invoice.mapped("amount_untaxed"), [15.0])
        self.assertFalse(self._final(date(2026, 3, 11)))

    def test_late_usage_of_an_ended_subscription_is_billed_by_the_next_run(self) -> None:
        self.run_billing(MARCH)
        self.order.x_fc_terminated_at = datetime(2026, 3, 20, 20)
        self._final(date(2026, 3, 21))
        self.order.with_context(billing_date=date(2026, 3, 20)).set_close()
        self.push(self.item("late", 1250))
        run = self.run_billing(APRIL)
        self.assertEqual(run.line_ids.invoice_id.mapped("amount_untaxed"), [12.5])
        self.assertFalse(self.run_billing(APRIL).line_ids)

    def test_a_correction_after_the_end_becomes_a_credit_note(self) -> None:
        self.run_billing(MARCH)
        self.push(self.item("a", 1250))
        self.order.x_fc_terminated_at = datetime(2026, 3, 20, 20)
        self._final(date(2026, 3, 21))
        self.order.with_context(billing_date=date(2026, 3, 20)).set_close()
        self.push(self.item("correction", -50))
        credit = self.run_billing(APRIL).line_ids.invoice_id
        self.assertRecordValues(
            credit, [{"move_type": "out_refund", "amount_untaxed": 2.5, "state": "posted"}]
        )

    def test_an_ended_subscription_nobody_billed_is_found_by_the_run(self) -> None:
        self.run_billing(MARCH)
        self.push(self.item("a", 1250))
        self.order.with_context(billing_date=date(2026, 3, 20)).set_close()
        invoice = self.run_billing(APRIL).line_ids.invoice_id
        self.assertRecordValues(
            invoice, [{"amount_untaxed": 12.5, "invoice_date": date(2026, 3, 20)}]
        )
