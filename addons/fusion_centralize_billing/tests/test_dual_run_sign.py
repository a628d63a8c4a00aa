"""Signing, its chain of seals, rules that carry forward, and what the cut-over asks."""

from odoo.exceptions import UserError
from odoo.tests import tagged

from ..engine import Invalid
from .dual_run_case import DualRunCase


@tagged("post_install", "-at_install")
class TestDualRunSign(DualRunCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.order = cls.subscribe("sub-1")

    def tell(self, *plants: dict) -> None:
        self.told(*(self.app_invoice(self.order, i, **plant) for i, plant in enumerate(plants)))
        self.compare()

    def clean_periods(self) -> int:
        return self.stage._clean_periods(self.order)[self.order.id]

    def test_periods_are_clean_once_signed_and_only_without_a_gap(self):
        self.tell({}, {}, {})
        first, second, third = self.rows(self.order)
        self.assertEqual(self.clean_periods(), 0)
        (first | third).action_sign_off()
        self.assertEqual(self.clean_periods(), 1)
        second.action_sign_off()
        self.assertEqual(self.clean_periods(), 3)

    def test_a_difference_stands_in_the_way_until_it_is_explained_and_signed(self):
        self.tell({}, {}, {"used": "1200"})
        row = self.rows(self.order)[-1]
        self.assertEqual(self.stage._unexplained(self.order), row)
        with self.assertRaises(UserError):
            row.action_explain()
        with self.assertRaises(UserError):
            row.action_sign_off()
        row.note = "A week without network"
        row.action_explain()
        self.assertFalse(self.stage._unexplained(self.order))
        self.assertEqual(self.clean_periods(), 0)
        self.rows(self.order).action_sign_off()
        self.assertEqual(self.clean_periods(), 3)

    def test_tampering_with_what_was_signed_shows(self):
        self.tell({}, {}, {})
        rows = self.rows(self.order)
        rows.action_sign_off()
        self.assertFalse(rows._broken_seals(self.service))
        self.assertEqual(rows.sorted("id").mapped("seal_number"), [1, 2, 3])
        self.assertEqual(len(set(rows.mapped("seal"))), 3)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE fusion_billing_reconciliation_line SET app_amount = 1 WHERE id = %s",
            [rows[1].line_ids[0].id],
        )
        self.env.invalidate_all()
        self.assertEqual(rows._broken_seals(self.service), rows[1])
        self.assertEqual(rows.action_check_seals()["params"]["type"], "danger")

    def test_a_signed_row_neither_changes_nor_goes(self):
        self.tell({}, {}, {})
        row = self.rows(self.order)[0]
        row.action_sign_off()
        seal = row.seal
        for change in ({"note": "no"}, {"state": "open"}, {"app_amount": 1}):
            with self.assertRaises(UserError):
                row.write(change)
        with self.assertRaises(UserError):
            row.unlink()
        report = self.told(self.app_invoice(self.order, 0, used="1999"))
        self.assertEqual((report["signed_off"], report["updated"]), (1, 0))
        self.compare()
        self.assertEqual((row.difference_class, row.seal), ("match", seal))

    def test_an_explained_difference_explains_the_same_one_of_the_next_period(self):
        self.tell({"discount": "-5.00"})
        first = self.rows(self.order).filtered(lambda row: row.difference_class == "coupon")
        first.note = "A discount the app forgot to end"
        first.line_ids.filtered(lambda line: line.difference_class == "coupon").action_make_rule()
        self.tell({"discount": "-5.00"}, {"discount": "-5.00"}, {"discount": "-6.00"})
        _first, second, third = self.rows(self.order)
        self.assertEqual((second.state, second.note), ("explained", first.note))
        differing = second.line_ids.filtered(lambda line: line.difference_class == "coupon")
        self.assertEqual(differing.rule_id.source_id, first)
        self.assertEqual(third.state, "open")

    def test_what_the_app_says_is_recorded_once_and_wrong_fields_are_named(self):
        item = self.app_invoice(self.order, 0)
        self.assertEqual(self.told(item)["created"], 1)
        self.assertEqual(self.told(item)["unchanged"], 1)
        self.assertEqual(self.told({**item, "issued_on": "2026-04-01"})["updated"], 1)
        [invoice] = self.env["fusion.billing.app.invoice"].search(
            [("order_id", "=", self.order.id)]
        )
        self.assertEqual((invoice.untaxed, invoice.tax, invoice.total), (41.5, 5.4, 46.9))
        wrong = {
            **item,
            "external_invoice_id": "",
            "currency": "XXQ",
            "lines": [{"kind": "gift", "amount": "a"}],
        }
        with self.assertRaises(Invalid) as refusal:
            self.told(item, wrong)
        self.assertEqual(
            refusal.exception.details,
            {
                "1.external_invoice_id": ["value_is_mandatory"],
                "1.currency": ["value_is_invalid"],
                "1.lines.0.kind": ["value_is_invalid"],
                "1.lines.0.amount": ["value_is_invalid"],
            },
        )
