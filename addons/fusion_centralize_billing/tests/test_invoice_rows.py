"""One book billed by the run and by plain Odoo: every column of every row is the same."""

from datetime import date, datetime
from typing import Any

from odoo import Command
from odoo.tests import tagged

from .usage_case import UsageCase

MARCH, APRIL, MAY = date(2026, 3, 1), date(2026, 4, 1), date(2026, 5, 1)
# Keys and times: two ways never share them. What points at a row is compared by what it says.
OWN = {"id", "move_id", "create_date", "write_date", "access_token"}


@tagged("post_install", "-at_install", "fc_invoice")
class TestInvoiceRows(UsageCase):
    """Two companies of one book: texts between the lines, discounts, groups of taxes, calendar
    and arrears, usage in all of them."""

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.other_company = cls.env["res.company"].create(
            {"name": "Second company", "country_id": cls.env.ref("base.ca").id}
        )
        cls.env.user.company_ids |= cls.other_company
        charts = cls.env["account.chart.template"]
        charts.try_loading("generic_coa", cls.other_company, install_demo=False)
        cls.other_company.currency_id = cls.currency  # the chart of accounts sets its own
        cls.pricelist.company_id = False
        cls.products = (cls.base_product, cls.usage_product)
        cls._book(cls.company, "first")
        cls._book(cls.other_company, "second")
        cls.services = cls.env["fusion.billing.service"].search(
            [("code", "in", ("rows-first", "rows-second"))], order="id"
        )
        cls.env.invalidate_all()  # lines as the database orders them: texts where they belong

    # ------------------------------------------------------------------ the book
    @classmethod
    def _book(cls, company, name: str) -> None:
        """A service of the company with three subscriptions, from 1 March on."""
        hst = cls._tax(company, f"{name} HST", 13.0)
        quebec = cls._tax(company, f"{name} QC", 0.0, children=(5.0, 9.975))
        for product in cls.products:
            product.taxes_id |= hst
        service = cls.make_service(
            f"rows-{name}", company_id=company.id, journal_id=cls._journal(company).id
        )
        metric = cls.make_metric("gb", service=service, name="Bandwidth", unit="GB")
        for code, values in {"pro": {}, "late": {"bill_end_period": True}}.items():
            plan = cls.make_plan(code, 29.0, service=service, **values)
            cls.make_charge(
                "bandwidth",
                service_id=service.id,
                plan_code=code,
                plan_id=plan.id,
                metric_id=metric.id,
            )
        partner = cls.make_partner(f"Rows {name}")
        link = cls.make_link(f"rows-{name}", partner, service=service)
        order = cls._order(link, "pro", "texts")
        order.order_line = [
            Command.create({"display_type": "line_section", "name": "Cloud", "sequence": 1}),
            Command.create({"display_type": "line_note", "name": "Thank you.", "sequence": 90}),
        ]
        order.order_line.filtered("product_id").write(
            {"product_uom_qty": 3, "discount": 12.5, "tax_ids": [Command.set((hst | quebec).ids)]}
        )
        cls._order(link, "pro", "calendar", x_fc_billing_time="calendar")
        cls._order(link, "late", "arrears")
        for index, sub in enumerate(("texts", "calendar", "arrears")):
            at = datetime(2026, 3, 20 + index, 12)
            item = cls.item(f"{name}-{sub}", f"{1200 + index}.37", at=at, sub=f"{name}-{sub}")
            cls.env["fusion.billing.ingest"]._ingest(service, [item])

    @classmethod
    def _order(cls, link, code: str, sub: str, **values: Any):
        plan = link.service_id.plan_ids.filtered(lambda plan: plan.x_fc_code == code)
        company = link.service_id.company_id
        values = {
            "company_id": company.id,
            "start_date": date(2026, 3, 12) if sub == "calendar" else MARCH,
            **values,
        }
        name = link.external_id.removeprefix("rows-")
        order = cls.make_order(f"{name}-{sub}", link=link, plan=plan, confirm=False, **values)
        order.with_context(billing_date=order.start_date).action_confirm()
        return order

    @classmethod
    def _tax(cls, company, name: str, amount: float, children: tuple = ()):
        values = {}
        if children:
            own = [cls._tax(company, f"{name} {part}", part).id for part in children]
            values = {"amount_type": "group", "children_tax_ids": [Command.set(own)]}
        return cls.env["account.tax"].create(
            {
                "name": name,
                "amount": amount,
                "company_id": company.id,
                "country_id": company.account_fiscal_country_id.id,
                **values,
            }
        )

    @classmethod
    def _journal(cls, company):
        return cls.env["account.journal"].search(
            [("type", "=", "sale"), ("company_id", "=", company.id)], limit=1
        )

    # ------------------------------------------------------------------ two ways
    def by_run(self) -> None:
        with self.assertLogs("odoo.addons.sale_subscription", "DEBUG") as log:
            run = self.run_billing(MAY, services=self.services)
        self.assertFalse(run.parked_count, run.line_ids.mapped("reason"))
        self.assertFalse([told for told in log.output if "step by step" in told])

    def by_hand(self) -> None:
        """Create, then post, one invoice after the other, as a person at Odoo's own buttons."""
        orders = self.env["sale.order"]
        due = [("x_fc_service_id", "in", self.services.ids), ("next_invoice_date", "<=", MAY)]
        while order := orders.search(due, order="next_invoice_date, id", limit=1):
            dated = order.with_context(billing_date=order.next_invoice_date)
            dated.with_company(order.company_id)._create_invoices().action_post()

    def billed(self, way) -> dict[str, Any]:
        """What that way writes; nothing of it stays."""
        with self.env.cr.savepoint() as savepoint:
            way()
            self.env.flush_all()
            found = self._everything()
            savepoint.rollback()
        self.env.invalidate_all()
        return found

    def _everything(self) -> dict[str, Any]:
        moves = self.env["account.move"].search(
            [("x_fc_service_id", "in", self.services.ids)], order="name, company_id"
        )
        documents = {(move.company_id.name, move.name): self._document(move) for move in moves}
        return documents | {
            "orders": self._rows(
                "SELECT name, next_invoice_date FROM sale_order "
                "WHERE x_fc_service_id = ANY(%s) ORDER BY id",
                self.services.ids,
            ),
            "periods": self._rows(
                "SELECT p.*, m.name AS invoice_id FROM fusion_billing_period p "
                "LEFT JOIN account_move m ON m.id = p.invoice_id "
                "WHERE p.service_id = ANY(%s) ORDER BY p.subscription_id, p.start",
                self.services.ids,
            ),
        }

    def _document(self, move) -> dict[str, Any]:
        lines = move.line_ids.sorted("id")
        return {
            "move": self._rows("SELECT * FROM account_move WHERE id = ANY(%s)", move.ids),
            "lines": self._rows(
                "SELECT * FROM account_move_line WHERE move_id = ANY(%s) ORDER BY id", move.ids
            ),
            "taxes": [line.tax_ids.ids for line in lines],
            "tags": [line.tax_tag_ids.ids for line in lines],
            "sale lines": [line.sale_line_ids.ids for line in lines],
        }

    def _rows(self, statement: str, ids: list[int]) -> list[dict[str, Any]]:
        self.env.cr.execute(statement, [ids])
        return [
            {name: value for name, value in row.items() if name not in OWN}
            for row in self.env.cr.dictfetchall()
        ]

    # ------------------------------------------------------------------ equal
    def test_all_rows_are_equal(self) -> None:
        ours, plain = self.billed(self.by_run), self.billed(self.by_hand)
        self.assertEqual(sorted(ours, key=str), sorted(plain, key=str))
        for name, found in ours.items():
            with self.subTest(what=name):
                self.assertEqual(found, plain[name])

    def test_the_book_has_what_it_promises(self) -> None:
        """In both companies: texts, usage, discounts, groups of taxes, part periods."""
        with self.env.cr.savepoint() as savepoint:
            self.by_run()
            for service in self.services:
                lines = self.env["account.move.line"].search(
                    [("move_id.x_fc_service_id", "=", service.id)]
                )
                self.assertEqual(lines.company_id, service.company_id)
                kinds = set(lines.mapped("display_type"))
                self.assertGreaterEqual(kinds, {"line_section", "line_note", "tax", "product"})
                self.assertEqual(len(lines.filtered("x_fc_line_key")), 3)
                self.assertTrue(lines.filtered(lambda line: line.discount and line.tax_ids[1:]))
                # 29.00 × 20/31: 12 to 31 March.
                self.assertIn(18.71, lines.mapped("price_subtotal"))
                self.assertTrue(lines.filtered("x_fc_trace"))
            savepoint.rollback()
