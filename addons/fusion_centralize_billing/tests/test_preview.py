"""A preview, what the API calls current usage, and the invoice that follows: the same cents."""

from datetime import date, datetime
from decimal import Decimal

from odoo import Command
from odoo.tests import Form, new_test_user, tagged

from .charge_case import APRIL, MAY, MODELS, ChargeCase

TABLES = [
    "account_move",
    "account_move_line",
    "account_tax",
    "sale_order",
    "sale_order_line",
    "fusion_billing_period",
    "fusion_billing_usage",
    "fusion_billing_usage_event",
    "fusion_billing_charge",
    "fusion_billing_metric",
    "fusion_billing_webhook",
    "fusion_billing_run",
    "mail_message",
    "product_product",
    "res_partner",
    "ir_sequence",
    "ir_cron_trigger",
]


@tagged("post_install", "-at_install", "fc_rate")
class TestPreview(ChargeCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.tax = cls.env["account.tax"].create(
            {"name": "HST test", "amount": 13, "type_tax_use": "sale", "company_id": cls.company.id}
        )
        (cls.base_product | cls.usage_product).taxes_id = cls.tax
        cls.order.order_line.tax_ids = cls.tax

    def preview(self, at: date | None = None, order=None):
        return self.env["fusion.billing.preview"]._preview(order or self.order, at)

    def written(self) -> dict[str, tuple]:
        """How many rows each table has, and which transactions wrote them."""
        self.env.flush_all()
        found = {}
        for table in TABLES:
            self.env.cr.execute(
                f"SELECT count(*), md5(string_agg(t::text || xmin || ctid, '' ORDER BY ctid)) "
                f"FROM {table} t"
            )
            found[table] = self.env.cr.fetchone()
        return found

    def assertAgrees(self, preview, invoice) -> None:  # noqa: N802  unittest's spelling
        """Line by line, tax and total."""
        self.assertEqual(preview.day, invoice.invoice_date)
        self.assertEqual(
            [(line.name, line.key, float(line.amount)) for line in preview.lines],
            [
                (line.name, line.x_fc_line_key or "", line.price_subtotal)
                for line in invoice.invoice_line_ids.sorted("sequence")
            ],
        )
        self.assertEqual(
            (float(preview.untaxed), float(preview.tax), float(preview.total)),
            (invoice.amount_untaxed, invoice.amount_tax, invoice.amount_total),
        )

    def invoices(self, as_of: date):
        run = self.run_billing(as_of)
        return run.line_ids.invoice_id.sorted("invoice_date")

    def test_for_every_model_current_usage_preview_and_invoice_are_one(self) -> None:
        for model in MODELS:
            self.priced(model)
        own = {"name": "Europe", "values": {"region": ["eu"]}, "unit_price": 2}
        self.priced(
            "standard",
            code="parts",
            pricing_group_keys="region",
            min_amount=300,
            filter_ids=[Command.create(own)],
        )
        self.priced("package", code="capped", cap_amount=20)
        self.plan.x_fc_minimum_commitment = 2000
        self.pay()
        self.run_billing(self.START)
        shown = self.env["fusion.billing.serialize"]._usage(self.order, datetime(2026, 3, 31, 12))
        preview = self.preview()
        (invoice,) = self.invoices(APRIL)
        self.assertAgrees(preview, invoice)
        usage = self.usage_lines(invoice)
        for charge in shown["charges_usage"]:
            key = f"{charge['billable_metric']['code']}/{charge['charge']['code']}"
            lines = usage.filtered(lambda line, key=key: line.x_fc_line_key.split("{")[0] == key)
            with self.subTest(key=key):
                billed = sum(Decimal(str(line.price_subtotal)) for line in lines)
                self.assertEqual(charge["amount_cents"], billed * 100)
        charged = usage.filtered(lambda line: line.x_fc_line_key != "commitment")
        self.assertEqual(
            shown["amount_cents"],
            sum(Decimal(str(line.price_subtotal)) for line in charged) * 100,
        )
        self.assertBook()

    def test_nothing_is_written_whatever_day_is_asked_for(self) -> None:
        self.priced("standard")
        self.plan.x_fc_minimum_commitment = 100
        self.pay()
        self.run_billing(APRIL)
        before = self.written()
        for at in (None, self.START, date(2026, 3, 15), APRIL, date(2026, 4, 2), date(2031, 1, 7)):
            self.preview(at)
        self.assertEqual(self.order.next_invoice_date, MAY)
        self.assertEqual(self.written(), before)

    def test_late_usage_of_a_billed_period_is_in_the_next_invoice(self) -> None:
        self.priced("standard")
        self.pay()
        self.invoices(APRIL)
        self.pay(("1000", {}), prefix="late", day=25)
        preview = self.preview()
        self.assertIn("Adjustment", preview.lines[1].name)
        self.assertAgrees(preview, self.invoices(MAY))

    def test_a_day_to_come_is_the_invoice_of_its_period_alone(self) -> None:
        self.priced("standard", unit_price=1)
        self.pay()
        self.push(self.item("june", 7, at=datetime(2026, 6, 3)))
        preview = self.preview(date(2026, 6, 15))
        self.assertEqual(preview.day, date(2026, 7, 1))
        self.assertEqual([float(line.amount) for line in preview.lines], [29.0, 7.0])
        self.assertIn("07/01/2026", preview.lines[0].name)
        self.assertEqual(float(preview.total), 40.68)

    def test_a_day_gone_by_is_told_as_if_it_were_not_billed(self) -> None:
        self.priced("standard", unit_price=1)
        self.pay()
        first = self.invoices(APRIL)[-1]
        preview = self.preview(APRIL)
        self.assertEqual(float(preview.total), first.amount_total)
        self.assertEqual(self.preview(self.START).untaxed, 29)

    def test_in_arrears_and_calendar_the_first_part_is_prorated(self) -> None:
        plan = self.make_plan("later", 31.0, bill_end_period=True)
        order = self.make_order(
            "sub-2", plan=plan, start_date=date(2026, 3, 20), x_fc_billing_time="calendar"
        )
        order.next_invoice_date = APRIL
        order.order_line.tax_ids = self.tax
        preview = self.preview(date(2026, 3, 25), order)
        self.assertEqual([float(line.amount) for line in preview.lines], [12.0])
        run = self.run_billing(APRIL)
        own = run.line_ids.filtered(lambda line: line.order_id == order)
        self.assertAgrees(preview, own.invoice_id)

    def test_a_customer_who_moved_is_taxed_where_they_are_now(self) -> None:
        other = self.tax.copy({"name": "GST test", "amount": 5})
        alberta = self.env["account.fiscal.position"].create(
            {
                "name": "Alberta test",
                "sequence": 0,
                "auto_apply": True,
                "country_id": self.env.ref("base.ca").id,
                "state_ids": [Command.set(self.env.ref("base.state_ca_ab").ids)],
            }
        )
        other.write(
            {"fiscal_position_ids": alberta.ids, "original_tax_ids": [Command.set(self.tax.ids)]}
        )
        self.priced("standard", unit_price=1)
        self.pay()
        self.run_billing(self.START)
        self.partner.state_id = self.env.ref("base.state_ca_ab")
        preview = self.preview()
        self.assertEqual(preview.taxes.keys(), {other.tax_group_id.name})
        self.assertAgrees(preview, self.invoices(APRIL))

    def test_a_shadow_subscription_is_previewed_by_the_code_of_its_plan(self) -> None:
        shadow = self.make_service("shadow", mode="shadow")
        metric = self.make_metric("gb", service=shadow)
        plan = self.make_plan("pro", 29, service=shadow)
        self.make_charge(
            "x", service_id=shadow.id, metric_id=metric.id, plan_id=False, unit_price=1
        )
        link = self.make_link("s-1", self.partner, service=shadow)
        order = self.make_order("s-1", link=link, plan=plan, confirm=False)
        self.push(self.item("a", 1002, sub="s-1"), service=shadow)
        self.assertEqual(
            [float(line.amount) for line in self.preview(date(2026, 3, 15), order).lines], [29, 2]
        )

    def test_a_person_sees_it_from_the_subscription_with_the_steps_of_each_line(self) -> None:
        self.priced("standard", unit_price=1)
        self.pay()
        self.run_billing(self.START)
        viewer = new_test_user(
            self.env, "fb-viewer", groups="fusion_centralize_billing.group_fusion_billing_user"
        )
        wizards = self.env["fusion.billing.preview.wizard"].with_user(viewer)
        with Form(wizards.with_context(default_order_id=self.order.id)) as form:
            self.assertEqual(form.invoice_day, APRIL)
            self.assertIn("<summary>Standard: 240.5 GB × $1.00", form.content)
            self.assertIn("Quantity measured: 240.5 GB", form.content)
            form.at = date(2026, 5, 20)
            self.assertEqual(form.invoice_day, date(2026, 6, 1))
