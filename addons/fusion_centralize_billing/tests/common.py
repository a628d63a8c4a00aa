"""The small world that most tests of this addon start from."""

from datetime import date, datetime

from odoo import Command
from odoo.tests import TransactionCase


class BillingCase(TransactionCase):
    """One live service with one plan, one metric, one charge and one customer in Ontario.

    Everything is made without Odoo's demo data, costs a few inserts, and stands still: the service
    is on a test clock, so that nothing depends on the day the tests run.

    ===================  =========================================================================
    ``NOW``              the instant the service believes it is: 15 March 2026, noon UTC
    ``START``            first day of the subscriptions made here: 1 March 2026
    ``company``          the company of the environment; its currency is ``currency``
    ``journal``          its sales journal
    ``base_product``     recurring product of the base fee (no tax)
    ``usage_product``    product of usage lines (no tax)
    ``service``          live, code ``cloud``, timezone America/Toronto, no webhook address
    ``metric``           ``gb``: sum of the property ``gb``, unit GB
    ``plan``             ``pro``: monthly, in advance, 29.00 by a pricelist rule
    ``pricelist``        in the company's currency, holds that rule
    ``charge``           ``bandwidth`` on ``pro``: 1,000 GB included, then 0.05 per GB
    ``partner``          Maple Inc., Ottawa, Ontario
    ``link``             the service's customer ``cust-1`` is ``partner``
    ===================  =========================================================================
    """

    NOW = datetime(2026, 3, 15, 12)
    START = date(2026, 3, 1)

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.company = cls.env.company
        if not cls.company.chart_template:
            charts = cls.env["account.chart.template"]
            charts.try_loading("generic_coa", cls.company, install_demo=False)
        cls.currency = cls.company.currency_id
        cls.journal = cls.env["account.journal"].search(
            [("type", "=", "sale"), ("company_id", "=", cls.company.id)], limit=1
        )
        cls.base_product = cls.make_product("Base fee", recurring_invoice=True)
        cls.usage_product = cls.make_product("Usage")
        cls.service = cls.make_service("cloud")
        cls.metric = cls.make_metric("gb", name="Bandwidth", unit="GB")
        cls.pricelist = cls.env["product.pricelist"].create(
            {"name": "Billing tests", "currency_id": cls.currency.id}
        )
        cls.plan = cls.make_plan("pro", 29.0)
        cls.charge = cls.make_charge("bandwidth", name="Bandwidth")
        cls.partner = cls.make_partner("Maple Inc.")
        cls.link = cls.make_link("cust-1", cls.partner)

    # ------------------------------------------------------------------ makers
    @classmethod
    def make_product(cls, name: str, **values):
        """A service product without taxes, invoiced on ordered quantities."""
        return cls.env["product.product"].create(
            {
                "name": name,
                "type": "service",
                "invoice_policy": "order",
                "list_price": 0.0,
                "taxes_id": [Command.clear()],
                **values,
            }
        )

    @classmethod
    def make_service(cls, code: str, **values):
        """A live service on the test clock; pass ``mode="shadow"`` for the other kind."""
        return cls.env["fusion.billing.service"].create(
            {
                "name": code.title(),
                "code": code,
                "mode": "live",
                "test_clock": cls.NOW,
                "product_id": cls.base_product.id,
                "usage_product_id": cls.usage_product.id,
                "journal_id": cls.journal.id,
                **values,
            }
        )

    @classmethod
    def make_metric(cls, code: str, service=None, **values):
        """A metric that sums the property of its own name."""
        return cls.env["fusion.billing.metric"].create(
            {
                "service_id": (service or cls.service).id,
                "code": code,
                "name": code.title(),
                "aggregation": "sum",
                "field_name": code,
                **values,
            }
        )

    @classmethod
    def make_plan(cls, code: str, price: float, service=None, **values):
        """A monthly plan in advance with its recurring price on ``pricelist``."""
        service = service or cls.service
        plan = cls.env["sale.subscription.plan"].create(
            {
                "name": f"{service.name} {code}",
                "x_fc_service_id": service.id,
                "x_fc_code": code,
                "x_fc_product_id": cls.base_product.id,
                "billing_period_value": 1,
                "billing_period_unit": "month",
                **values,
            }
        )
        cls.env["product.pricelist.item"].create(
            {
                "pricelist_id": cls.pricelist.id,
                "plan_id": plan.id,
                "applied_on": "0_product_variant",
                "product_tmpl_id": cls.base_product.product_tmpl_id.id,
                "product_id": cls.base_product.id,
                "compute_price": "fixed",
                "fixed_price": price,
            }
        )
        return plan

    @classmethod
    def make_charge(cls, code: str, **values):
        """Quota of 1,000 and 0.05 beyond, on ``plan`` and ``metric``, attached to the plan."""
        return cls.env["fusion.billing.charge"].create(
            {
                "service_id": cls.service.id,
                "plan_code": cls.plan.x_fc_code,
                "plan_id": cls.plan.id,
                "metric_id": cls.metric.id,
                "code": code,
                "name": code.title(),
                "model": "quota",
                "included_quantity": 1000,
                "unit_price": 0.05,
                "currency_id": cls.currency.id,
                **values,
            }
        )

    @classmethod
    def make_partner(cls, name: str, **values):
        """A company in Ottawa, Ontario."""
        return cls.env["res.partner"].create(
            {
                "name": name,
                "is_company": True,
                "street": "1 Wellington Street",
                "city": "Ottawa",
                "zip": "K1A 0A6",
                "state_id": cls.env.ref("base.state_ca_on").id,
                "country_id": cls.env.ref("base.ca").id,
                **values,
            }
        )

    @classmethod
    def make_link(cls, external_id: str, partner, service=None):
        """The service's customer with this id is this partner."""
        return cls.env["fusion.billing.account.link"].create(
            {
                "service_id": (service or cls.service).id,
                "external_id": external_id,
                "partner_id": partner.id,
                "match_method": "created",
                "confidence": 1.0,
            }
        )

    @classmethod
    def make_order(cls, external_id: str, *, link=None, plan=None, confirm: bool = True, **values):
        """A subscription to ``plan`` from ``START``; confirmed unless told otherwise."""
        link, plan = link or cls.link, plan or cls.plan
        order = cls.env["sale.order"].create(
            {
                "partner_id": link.partner_id.id,
                "plan_id": plan.id,
                "pricelist_id": cls.pricelist.id,
                "start_date": cls.START,
                "require_payment": False,
                "require_signature": False,
                "x_fc_service_id": link.service_id.id,
                "x_fc_link_id": link.id,
                "x_fc_external_id": external_id,
                "x_fc_tz": link.service_id.timezone,
                "x_fc_billing_time": "anniversary",
                "x_fc_subscription_at": datetime(2026, 3, 1, 5),
                "x_fc_started_at": datetime(2026, 3, 1, 5),
                "order_line": [
                    Command.create({"product_id": cls.base_product.id, "product_uom_qty": 1})
                ],
                **values,
            }
        )
        if confirm:
            order.with_context(billing_date=cls.START).action_confirm()
        return order

    @classmethod
    def make_usage(cls, order, day: date, total: float, metric=None, **values):
        """A day's rollup as the ingest stage would have left it."""
        metric = metric or cls.metric
        return cls.env["fusion.billing.usage"].create(
            {
                "service_id": order.x_fc_service_id.id,
                "subscription_id": order.id,
                "metric_id": metric.id,
                "day": day,
                "dimension": "",
                "total": total,
                "maximum": total,
                "last": total,
                "last_at": datetime(day.year, day.month, day.day, 12),
                "count": 1,
                "watermark": datetime(day.year, day.month, day.day, 13),
                **values,
            }
        )
