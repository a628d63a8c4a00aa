from datetime import date

from odoo import Command
from odoo.tests import tagged

from ..engine import Invalid
from .common import BillingCase

MARCH = {"period_start": "2026-03-01", "period_end": "2026-04-01"}


@tagged("post_install", "-at_install")
class TestReconcile(BillingCase):
    """The app's figures beside posted invoices."""

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.stage = cls.env["fusion.billing.reconcile"]
        cls.order = cls.make_order("sub-1", confirm=False)

    def bill(self, amounts, day=date(2026, 4, 1), order=None, **values):
        """A posted invoice of the subscription with one line per amount."""
        order = order or self.order
        move = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.partner.id,
                "invoice_date": day,
                "journal_id": self.journal.id,
                "x_fc_service_id": self.service.id,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "product_id": self.usage_product.id,
                            "quantity": 1,
                            "price_unit": amount,
                            "tax_ids": [Command.clear()],
                            "subscription_id": order.id,
                        }
                    )
                    for amount in amounts
                ],
                **values,
            }
        )
        move._post()
        return move

    def row(self, amount="41.50", subscription="sub-1", **values):
        currency = self.currency.name
        return {
            "external_subscription_id": subscription,
            "currency": currency,
            "amount": amount,
            **MARCH,
            **values,
        }

    def recorded(self):
        return self.env["fusion.billing.reconciliation"].search(
            [("service_id", "=", self.service.id)], order="external_subscription_id"
        )

    def test_equal_figures_match(self):
        self.bill([29.0, 12.5])
        report = self.stage._compare(self.service, [self.row("41.50")])
        self.assertEqual((report["match"], report["written"]), (1, 1))
        self.assertRecordValues(
            self.recorded(),
            [
                {
                    "subscription_id": self.order.id,
                    "link_id": self.link.id,
                    "partner_id": self.partner.id,
                    "period_start": date(2026, 3, 1),
                    "period_end": date(2026, 4, 1),
                    "app_amount": 41.5,
                    "our_amount": 41.5,
                    "difference": 0.0,
                    "difference_class": "match",
                    "state": "open",
                }
            ],
        )

    def test_one_cent_is_a_difference(self):
        self.bill([41.51])
        self.stage._compare(self.service, [self.row("41.50")])
        row = self.recorded()
        self.assertEqual(row.difference_class, "amount")
        self.assertAlmostEqual(row.difference, 0.01, places=6)

    def test_what_only_the_app_billed_is_missing_here(self):
        self.stage._compare(self.service, [self.row(), self.row("9", subscription="unknown")])
        self.assertRecordValues(
            self.recorded(),
            [
                {"subscription_id": self.order.id, "difference_class": "missing_here"},
                {"subscription_id": False, "difference_class": "missing_here"},
            ],
        )

    def test_what_only_we_billed_is_missing_there(self):
        other = self.make_order("sub-2", confirm=False)
        self.bill([5.0], order=other)
        self.bill([41.5])
        report = self.stage._compare(self.service, [self.row()])
        self.assertEqual((report["match"], report["missing_there"]), (1, 1))
        ours = self.recorded().filtered(lambda row: row.subscription_id == other)
        self.assertRecordValues(
            ours,
            [
                {
                    "external_subscription_id": "sub-2",
                    "period_start": date(2026, 3, 1),
                    "our_amount": 5.0,
                    "app_amount": 0.0,
                }
            ],
        )

    def test_drafts_other_dates_and_other_services_do_not_count(self):
        maps = self.make_service("maps")
        foreign = self.make_order(
            "sub-1", link=self.make_link("m", self.partner, maps), confirm=False
        )
        self.bill([41.5], order=foreign, x_fc_service_id=maps.id)
        self.bill([41.5], day=date(2026, 3, 1))
        self.bill([41.5]).button_draft()
        report = self.stage._compare(self.service, [self.row()])
        self.assertEqual((report["missing_here"], report["missing_there"]), (1, 0))

    def test_a_final_invoice_within_the_period_and_refunds_belong_to_it(self):
        self.bill([50.0], day=date(2026, 3, 20))
        self.bill([8.5], day=date(2026, 4, 1), move_type="out_refund")
        report = self.stage._compare(self.service, [self.row("41.50")])
        self.assertEqual(report["match"], 1)

    def test_the_same_figures_again_write_nothing(self):
        self.bill([41.5])
        rows = [self.row(), self.row("3", subscription="unknown")]
        self.assertEqual(self.stage._compare(self.service, rows)["written"], 2)
        self.assertEqual(self.stage._compare(self.service, rows)["written"], 0)
        self.assertEqual(len(self.recorded()), 2)

    def test_other_figures_reopen_an_explained_row(self):
        self.stage._compare(self.service, [self.row("1")])
        self.recorded().write({"state": "explained", "note": "credit of May"})
        self.stage._compare(self.service, [self.row("1")])
        self.assertEqual(self.recorded().state, "explained")
        self.stage._compare(self.service, [self.row("2")])
        self.assertRecordValues(
            self.recorded(), [{"state": "open", "app_amount": 2.0, "note": "credit of May"}]
        )

    def test_a_signed_row_is_never_written_again(self):
        self.stage._compare(self.service, [self.row("1")])
        self.recorded().note = "agreed"
        self.recorded().action_sign_off()
        report = self.stage._compare(self.service, [self.row("2")])
        self.assertEqual(report["written"], 0)
        self.assertRecordValues(self.recorded(), [{"state": "signed_off", "app_amount": 1.0}])

    def test_wrong_rows_are_named_and_nothing_is_recorded(self):
        rows = [
            self.row(),
            self.row("abc", currency="XXQ"),
            self.row(period_end="2026-02-01"),
            self.row(period_start="soon", subscription=""),
            self.row(),
        ]
        with self.assertRaises(Invalid) as refusal:
            self.stage._compare(self.service, rows)
        self.assertEqual(
            refusal.exception.details,
            {
                "1.amount": ["value_is_invalid"],
                "1.currency": ["value_is_invalid"],
                "2.period_end": ["value_is_out_of_range"],
                "3.period_start": ["value_is_invalid"],
                "3.external_subscription_id": ["value_is_mandatory"],
                "4.period_start": ["value_already_exist"],
            },
        )
        self.assertFalse(self.recorded())

    def test_an_empty_list_compares_nothing(self):
        self.bill([41.5])
        self.assertEqual(self.stage._compare(self.service, [])["written"], 0)
