"""Shared cases. The `test_contract_*` modules use public names only, so they run on any edition."""

from odoo import Command, fields
from odoo.addons.account.tests.common import AccountTestInvoicingCommon
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class SubscriptionCase(AccountTestInvoicingCommon):
    @classmethod
    def get_default_groups(cls):
        return super().get_default_groups() | cls.quick_ref("sales_team.group_sale_manager")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.monthly = cls._plan("Monthly")
        cls.hosting = cls._product("Hosting", 31.0)
        cls.customer = cls.env["res.partner"].create(
            {"name": "Ada", "country_id": cls.env.ref("base.ca").id}
        )

    @classmethod
    def _plan(cls, name, **values):
        return cls.env["sale.subscription.plan"].create({"name": name, **values})

    @classmethod
    def _product(cls, name, price, **values):
        return cls.env["product.product"].create(
            {
                "name": name,
                "type": "service",
                "invoice_policy": "order",
                "recurring_invoice": True,
                "list_price": price,
                "taxes_id": [Command.clear()],
                **values,
            }
        )

    @classmethod
    def _order(cls, start, plan=None, lines=None, confirm=True, **values):
        """A subscription on the first of the lines' products, confirmed on its start date."""
        order = cls.env["sale.order"].create(
            {
                "partner_id": cls.customer.id,
                "plan_id": (plan or cls.monthly).id,
                "start_date": start,
                "require_payment": False,
                "order_line": [
                    Command.create({"product_id": product.id, "product_uom_qty": quantity})
                    for product, quantity in (lines or [(cls.hosting, 1)])
                ],
                **values,
            }
        )
        if confirm:
            order.action_confirm()
        return order

    @classmethod
    def _periods(cls, order):
        """``[(first day, last day)]`` as text, of the order's posted invoices, oldest first."""
        lines = order.invoice_ids.filtered(lambda move: move.state == "posted").invoice_line_ids
        return sorted(
            {
                (str(line.deferred_start_date), str(line.deferred_end_date))
                for line in lines
                if line.subscription_id == order
            }
        )

    @classmethod
    def _date(cls, text):
        return fields.Date.to_date(text)
