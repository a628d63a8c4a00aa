"""The same book of monthly contracts for each of the ways compared. Imported inside Odoo.

A book is ``count`` contracts of one customer each, ``lines`` lines a contract, 13 % HST, due today.
"""

from odoo import Command, fields

PRICES = (49.0, 12.5, 7.25, 99.99, 3.1)
# With 13 %: 49.00 + 6.37, and 171.84 + 22.34.
TOTALS = {1: 55.37, 5: 194.18}


class Book:
    """Fixture of one database: customers and products once, contracts as often as wanted."""

    def __init__(self, env):
        self.env = env(context={**env.context, "tracking_disable": True})
        self.lines_now = 0  # of each invoice, in the round under way
        self.today = fields.Date.context_today(env.user)
        self.tax = env["account.tax"].search(
            [
                ("type_tax_use", "=", "sale"),
                ("amount", "=", 13),
                ("company_id", "=", env.company.id),
            ],
            limit=1,
        )
        income = env["product.template"].new({"type": "service"}).get_product_accounts()["income"]
        self.products = self.env["product.product"].create(
            [
                {
                    "name": f"Bench product {number}",
                    "type": "service",
                    "invoice_policy": "order",
                    "recurring_invoice": True,
                    "list_price": price,
                    "taxes_id": [Command.set(self.tax.ids)],
                    "property_account_income_id": income.id,  # subscription_oca wants it here
                }
                for number, price in enumerate(PRICES)
            ]
        )
        self.plan = self.env["sale.subscription.plan"].create({"name": "Bench monthly"})
        # It mails nothing in this mode: its others render and send each invoice as they post it.
        self.template = self.env["sale.subscription.template"].create(
            {
                "name": "Bench monthly",
                "recurring_interval": 1,
                "recurring_rule_type": "months",
                "invoicing_mode": "draft",
            }
        )
        self.pricelist = self.env["product.pricelist"].create(
            {"name": "Bench", "currency_id": env.company.currency_id.id}
        )

    def lines(self, count: int, quantity: str, uom: str | None = None) -> list:
        """Commands for the first ``count`` products, under the names a model has for them."""
        return [
            Command.create(
                {
                    "product_id": product.id,
                    "name": product.name,
                    quantity: 1,
                    "price_unit": price,
                    **(
                        {uom: product.uom_id.id}
                        if uom
                        else {"tax_ids": [Command.set(self.tax.ids)]}
                    ),
                }
            )
            for product, price in zip(self.products[:count], PRICES, strict=False)
        ]

    def customers(self, count: int):
        """New customers in Ontario."""
        return self.env["res.partner"].create(
            [
                {
                    "name": f"Bench customer {number}",
                    "customer_rank": 1,  # has been invoiced before
                    "country_id": self.env.ref("base.ca").id,
                    "state_id": self.env.ref("base.state_ca_on").id,
                    "street": "1 Front St",
                    "city": "Toronto",
                    "zip": "M5J 2X2",
                }
                for number in range(count)
            ]
        )

    def partners(self, count: int, _lines: int):
        """Customers, for whom nothing else is kept."""
        return self.customers(count)

    def orders(self, count: int, lines: int):
        """Confirmed subscriptions of `sale.order`."""
        orders = self.env["sale.order"].create(
            [
                {
                    "partner_id": partner.id,
                    "plan_id": self.plan.id,
                    "start_date": self.today,
                    "require_payment": False,
                    "order_line": self.lines(lines, "product_uom_qty"),
                }
                for partner in self.customers(count)
            ]
        )
        orders.action_confirm()
        return orders

    def contracts(self, count: int, lines: int):
        """Contracts of OCA `contract`."""
        return self.env["contract.contract"].create(
            [
                {
                    "name": f"Bench contract {partner.id}",
                    "partner_id": partner.id,
                    "contract_type": "sale",
                    "line_recurrence": False,
                    "recurring_rule_type": "monthly",
                    "recurring_interval": 1,
                    "recurring_invoicing_type": "pre-paid",
                    "date_start": self.today,
                    "recurring_next_date": self.today,
                    "contract_line_ids": self.lines(lines, "quantity", "uom_id"),
                }
                for partner in self.customers(count)
            ]
        )

    def subscriptions(self, count: int, lines: int):
        """Subscriptions of OCA `subscription_oca`, in progress."""
        return self.env["sale.subscription"].create(
            [
                {
                    "partner_id": partner.id,
                    "template_id": self.template.id,
                    "pricelist_id": self.pricelist.id,
                    "in_progress": True,
                    "date_start": self.today,
                    "recurring_next_date": self.today,
                    "sale_subscription_line_ids": self.lines(lines, "product_uom_qty"),
                }
                for partner in self.customers(count)
            ]
        )

    def invoice(self, partner, lines: int) -> dict:
        """Values of the same invoice, made by hand."""
        return {
            "move_type": "out_invoice",
            "partner_id": partner.id,
            "invoice_date": self.today,
            "invoice_line_ids": self.lines(lines, "quantity"),
        }
