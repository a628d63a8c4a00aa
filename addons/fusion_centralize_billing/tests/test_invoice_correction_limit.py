"""The limit of corrections is in the company's currency, whatever a subscription is billed in."""

from odoo.tests import tagged

from .renewal_case import RenewalCase


@tagged("post_install", "-at_install")
class TestInvoiceCorrectionLimit(RenewalCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.dollar = cls.env.ref(
            "base.USD" if cls.company.currency_id.name != "USD" else "base.CAD"
        )
        cls.dollar.active = True
        cls.env["res.currency.rate"].search([("currency_id", "=", cls.dollar.id)]).unlink()
        cls.env["res.currency.rate"].create(
            {"currency_id": cls.dollar.id, "name": "2026-01-01", "rate": 0.5,
             "company_id": cls.company.id}
        )  # fmt: skip

    def limit(self, order=None):
        return self.env["fusion.billing.invoice"]._limit_of(order or self.order)

    def test_a_limit_of_ten_is_five_where_the_currency_is_worth_twice_as_much(self) -> None:
        self.service.correction_limit = 10
        self.assertEqual(self.limit(), 10)
        pricelist = self.env["product.pricelist"].create(
            {"name": "Abroad", "currency_id": self.dollar.id}
        )
        order = self.make_order("abroad", pricelist_id=pricelist.id)
        self.assertEqual(order.currency_id, self.dollar)
        self.assertEqual(self.limit(order), 5)

    def test_no_limit_is_none_in_any_currency(self) -> None:
        self.assertEqual(self.limit(), 0)
