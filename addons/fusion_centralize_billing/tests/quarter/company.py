"""The quarter itself: a company in Odoo, a Stripe beside it, and what customers do to both."""

import sys
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from odoo import Command

from ...models.payment_provider import PARAMETER
from .acts import Acts
from .oracle import Life
from .scripts import SCRIPTS, START, Script

sys.path.append(str(Path(__file__).resolve().parents[4]))
from tools.stripe_double import StripeDouble  # noqa: E402

DAYS = 100


@dataclass
class Customer:
    """``kind`` names its script; ``life`` is what the oracle says of it."""

    kind: str
    script: Script
    start: date
    order: object = None
    life: Life = None
    states: dict[date, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.order.x_fc_external_id} ({self.kind}, from {self.start})"


class Quarter(Acts):
    """A live service under the default policy without business days, on a clock that is turned."""

    def __init__(
        self, env, stripe: StripeDouble, customers: list[tuple[str, date]], days: int = DAYS
    ) -> None:
        self.env = env = env(context={**env.context, "mail_notrack": True})
        self.days = days
        self.stripe = stripe
        self.today = START
        # Sentences about customers whom the policy cut off for less than its threshold.
        self.poor: list[str] = []
        self._stripe()
        self._company()
        self.customers = [Customer(kind, SCRIPTS[kind], start) for kind, start in customers]
        for number, customer in enumerate(self.customers):
            self._sign_up(number, customer)

    # ------------------------------------------------------------------ the company
    def _stripe(self) -> None:
        self.env["ir.config_parameter"].set_param(PARAMETER, self.stripe.url)
        self.provider = self.env["payment.provider"].search(
            [("code", "=", "stripe"), ("company_id", "=", self.env.company.id)], limit=1
        )
        self.provider.write(
            {
                "state": "test",
                "stripe_secret_key": "sk_test_double",
                "stripe_publishable_key": "pk_test_double",
                "stripe_webhook_secret": "whsec_of_the_quarter",
            }
        )

    def _company(self) -> None:
        env, company = self.env, self.env.company
        if not company.chart_template:
            env["account.chart.template"].try_loading("generic_coa", company, install_demo=False)
        policy = env.ref("fusion_centralize_billing.dunning_policy_default").copy(
            {
                "company_id": company.id,
                "currency_id": company.currency_id.id,
                "business_days_only": False,
            }
        )
        self.product = env["product.product"].create(
            {
                "name": "Hosting",
                "type": "service",
                "invoice_policy": "order",
                "recurring_invoice": True,
                "taxes_id": [Command.clear()],
            }
        )
        self.pricelist = env["product.pricelist"].create(
            {"name": "Quarter", "currency_id": company.currency_id.id}
        )
        self.service = env["fusion.billing.service"].create(
            {
                "name": "Quarter",
                "code": "quarter",
                "mode": "live",
                "product_id": self.product.id,
                "test_clock": self._noon(START),
                "dunning_policy_id": policy.id,
            }
        )
        self.plans = {
            price: self._plan(price) for price in sorted({s.price for s in SCRIPTS.values()})
        }

    def _plan(self, cents: int):
        plan = self.env["sale.subscription.plan"].create(
            {
                "name": f"Hosting at {cents}",
                "x_fc_service_id": self.service.id,
                "x_fc_code": f"hosting-{cents}",
                "x_fc_product_id": self.product.id,
                "billing_period_value": 1,
                "billing_period_unit": "month",
            }
        )
        self.env["product.pricelist.item"].create(
            {
                "pricelist_id": self.pricelist.id,
                "plan_id": plan.id,
                "applied_on": "0_product_variant",
                "product_tmpl_id": self.product.product_tmpl_id.id,
                "product_id": self.product.id,
                "compute_price": "fixed",
                "fixed_price": cents / 100,
            }
        )
        return plan

    def _link(self, number: int):
        partner = self.env["res.partner"].create(
            {
                "name": f"Customer {number}",
                "email": f"customer{number}@example.com",
                "country_id": self.env.ref("base.ca").id,
                "state_id": self.env.ref("base.state_ca_on").id,
            }
        )
        return self.env["fusion.billing.account.link"].create(
            {
                "service_id": self.service.id,
                "external_id": f"customer-{number}",
                "partner_id": partner.id,
                "match_method": "created",
                "confidence": 1.0,
            }
        )

    def _sign_up(self, number: int, customer: Customer) -> None:
        link, began = self._link(number), self._noon(customer.start)
        customer.order = self.env["sale.order"].create(
            {
                "partner_id": link.partner_id.id,
                "plan_id": self.plans[customer.script.price].id,
                "pricelist_id": self.pricelist.id,
                "start_date": customer.start,
                "require_payment": False,
                "require_signature": False,
                "x_fc_service_id": self.service.id,
                "x_fc_link_id": link.id,
                "x_fc_external_id": f"subscription-{number}",
                "x_fc_tz": self.service.timezone,
                "x_fc_billing_time": "anniversary",
                "x_fc_subscription_at": began,
                "x_fc_started_at": began,
                "order_line": [
                    Command.create({"product_id": self.product.id, "product_uom_qty": 1})
                ],
            }
        )
        customer.order.with_context(billing_date=customer.start).action_confirm()
        if customer.script.card:
            card = self._card(customer)
            customer.order.payment_token_id = card
            self.stripe.script(card.stripe_payment_method, *customer.script.answers)

    def _card(self, customer: Customer):
        stripe_customer, method = self.stripe.card()
        return self.env["payment.token"].create(
            {
                "provider_id": self.provider.id,
                "payment_method_id": self.env.ref("payment.payment_method_card").id,
                "payment_details": "4242",
                "provider_ref": stripe_customer,
                "stripe_payment_method": method,
                "partner_id": customer.order.partner_id.id,
            }
        )

    # ------------------------------------------------------------------ a day
    def live(self, told=lambda quarter: None) -> None:
        """All days; `told` is called after each."""
        for number in range(self.days):
            self.today = START + timedelta(days=number)
            self._day()
            told(self)

    def _day(self) -> None:
        self.service.test_clock = self._noon(self.today)
        for customer in self.customers:
            if self.today > customer.start:
                self._act(customer)
        self.env["fusion.billing.invoice"]._run(self.service, self.today)
        for customer in self.customers:
            if self.today == customer.start:
                self._act(customer)
        self.service.action_enforce()
        self._dated(self.env["sale.order"])._cron_charge_saved_cards()
        self.env["fusion.billing.refund"]._cron_send()
        self.env.flush_all()
        self.env.invalidate_all()
        for customer in self.customers:
            customer.states[self.today] = customer.order.x_fc_service_state
        self._look_at_the_poor()

    def _look_at_the_poor(self) -> None:
        """By the ledger alone, each evening: whom the policy cut off owes its threshold."""
        self.env.cr.execute(
            """
            SELECT o.x_fc_external_id, o.x_fc_service_state, COALESCE(sum(due.open), 0)::text
            FROM sale_order o LEFT JOIN LATERAL (
                SELECT DISTINCT m.id, m.amount_residual AS open
                FROM account_move m JOIN account_move_line l ON l.move_id = m.id
                WHERE l.subscription_id = o.id AND m.state = 'posted'
                  AND m.move_type = 'out_invoice' AND m.invoice_date < %s
            ) due ON true
            WHERE o.x_fc_service_id = %s AND o.x_fc_service_state IN ('suspended', 'terminated')
              AND o.x_fc_suspended_by IS DISTINCT FROM 'person'
            GROUP BY o.id HAVING COALESCE(sum(due.open), 0) < 5
            """,
            [self.today, self.service.id],
        )
        self.poor += [
            f"{name} is {state} on {self.today} for {owed}"
            for name, state, owed in self.env.cr.fetchall()
            if (name, state) not in {(row.split()[0], row.split()[2]) for row in self.poor}
        ]

    def _act(self, customer: Customer) -> None:
        act = customer.script.acts.get((self.today - customer.start).days)
        if not act or customer.order.x_fc_service_state == "terminated":
            return
        invoices = customer.order.invoice_ids.filtered(
            lambda move: move.move_type == "out_invoice" and move.state == "posted"
        ).sorted("id")
        getattr(self, "_act_" + act.split()[0])(customer, act, invoices)

    def _dated(self, records):
        return records.with_context(billing_date=self.today, charging_saved_cards=True)

    @staticmethod
    def _noon(day: date) -> datetime:
        return datetime.combine(day, time(17), UTC).replace(tzinfo=None)
