"""Two runs at once, with connections of their own and real commits."""

import psycopg2

from odoo import SUPERUSER_ID, Command, api
from odoo.modules.registry import Registry
from odoo.tests import tagged
from odoo.tests.common import BaseCase, get_db_name
from odoo.tools import mute_logger

DAY = "2026-03-15"


@tagged("post_install", "-at_install")
class TestPatternRivals(BaseCase):
    """Commits to the test database and removes what it made."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.registry = Registry(get_db_name())

    def setUp(self):
        super().setUp()
        with self.registry.cursor() as cr:
            env = self._env(cr)
            company = env.company
            if not company.chart_template:
                env["account.chart.template"].try_loading("generic_coa", company)
            self.asked_before = company.subscription_pattern_posting
            company.subscription_pattern_posting = True
            self._make(env)
            report = env["sale.subscription.pattern"]._compare_pattern_posting()
        self.addCleanup(self._remove)
        self.assertIn("Approved", report)

    def _make(self, env):
        journal = env["account.journal"].create({"name": "Rivals", "code": "RIVAL", "type": "sale"})
        plan = env["sale.subscription.plan"].create({"name": "Rivals monthly"})
        values = {"name": "Rivals", "type": "service", "invoice_policy": "order"}
        product = env["product.product"].create({**values, "recurring_invoice": True})
        partners = env["res.partner"].create([{"name": f"Rival {nr}"} for nr in range(6)])
        line = {"product_id": product.id, "price_unit": 49.0, "tax_ids": [Command.clear()]}
        orders = env["sale.order"].create(
            [
                {
                    "partner_id": partner.id,
                    "plan_id": plan.id,
                    "start_date": DAY,
                    "journal_id": journal.id,
                    "require_payment": False,
                    "order_line": [Command.create(line)],
                }
                for partner in partners
            ]
        )
        orders.action_confirm()
        self.made = [
            (records._name, records.ids) for records in (orders, product, plan, partners, journal)
        ]
        self.order_ids = orders.ids

    def _env(self, cr):
        return api.Environment(cr, SUPERUSER_ID, {"billing_date": DAY, "tracking_disable": True})

    def _run(self, cr, ids):
        return self._env(cr)["sale.order"].browse(ids)._create_recurring_invoice()

    def _remove(self):
        with self.registry.cursor() as cr:
            env = self._env(cr)
            # A posted invoice is not deleted by any method of Odoo's.
            cr.execute(
                "DELETE FROM account_move m USING sale_subscription_claim c"
                " WHERE c.move_id = m.id AND c.order_id = ANY(%s)",
                [self.order_ids],
            )
            env["sale.order"].browse(self.order_ids)._action_cancel()
            for model, ids in self.made:
                env[model].browse(ids).unlink()
            env["sale.subscription.pattern"].search([("company_id", "=", env.company.id)]).unlink()
            env.company.subscription_pattern_posting = self.asked_before

    def _numbers(self):
        with self.registry.cursor() as cr:
            cr.execute(
                "SELECT m.sequence_number FROM account_move m"
                "  JOIN sale_subscription_claim c ON c.move_id = m.id"
                " WHERE c.order_id = ANY(%s) ORDER BY 1",
                [self.order_ids],
            )
            return [number for (number,) in cr.fetchall()]

    def test_two_runs_in_one_journal_number_their_invoices_without_a_gap(self):
        with self.registry.cursor() as first, self.registry.cursor() as second:
            self._run(first, self.order_ids[:3])
            # It would wait for the first one's commit; here, no longer than we care to.
            second.execute("SET LOCAL lock_timeout = '300ms'")
            with (
                mute_logger("odoo.sql_db"),
                self.assertRaises(psycopg2.errors.LockNotAvailable),
            ):
                self._run(second, self.order_ids[3:])
            second.rollback()
            first.commit()
            self._run(second, self.order_ids[3:])
        self.assertEqual(self._numbers(), list(range(1, 7)))

    def test_a_run_that_has_not_seen_the_other_s_numbers_goes_on_after_them(self):
        with self.registry.cursor() as first, self.registry.cursor() as second:
            second.execute("SELECT 1")  # what it sees is fixed from here on
            self._run(first, self.order_ids[:3])
            first.commit()
            with mute_logger("odoo.sql_db"):
                self._run(second, self.order_ids[3:])
        self.assertEqual(self._numbers(), list(range(1, 7)))

    def test_two_runs_over_the_same_orders_bill_each_once(self):
        with self.registry.cursor() as first, self.registry.cursor() as second:
            self.assertEqual(len(self._run(first, self.order_ids)), 6)
            self.assertFalse(self._run(second, self.order_ids))
            first.commit()
        with self.registry.cursor() as third:
            self.assertFalse(self._run(third, self.order_ids))
        self.assertEqual(self._numbers(), list(range(1, 7)))

    def test_a_run_that_is_killed_leaves_nothing_and_the_next_one_starts_anew(self):
        with self.registry.cursor() as killed:
            self.assertEqual(len(self._run(killed, self.order_ids)), 6)
            killed.rollback()
        self.assertEqual(self._numbers(), [])
        with self.registry.cursor() as cr:
            self._run(cr, self.order_ids)
        self.assertEqual(self._numbers(), list(range(1, 7)))
