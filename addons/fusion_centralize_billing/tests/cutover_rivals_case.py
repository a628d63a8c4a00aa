"""A service with two subscriptions in shadow, committed, for people who press at the same time."""

import secrets
import time
from collections.abc import Callable
from datetime import date, datetime

from psycopg2.errors import SerializationFailure

from odoo import SUPERUSER_ID, Command, api
from odoo.exceptions import LockError

from .rivals_case import RivalsCase

PATIENCE = 20
NOW, CUT = datetime(2026, 6, 2, 12), date(2026, 7, 1)
# What the ORM would not let go of, children first. Each takes the service's id.
UNDO = (
    "DELETE FROM payment_transaction WHERE charge_invoice_id IN"
    " (SELECT id FROM account_move WHERE x_fc_service_id = %s)",
    "DELETE FROM account_partial_reconcile WHERE debit_move_id IN (SELECT l.id FROM"
    " account_move_line l JOIN account_move m ON m.id = l.move_id WHERE m.x_fc_service_id = %s)",
    "DELETE FROM fusion_billing_period WHERE service_id = %s",
    "DELETE FROM fusion_billing_webhook WHERE service_id = %s",
    "DELETE FROM fusion_billing_run WHERE service_id = %s",
    "UPDATE sale_order SET state = 'cancel', x_fc_cutover_id = NULL WHERE x_fc_service_id = %s",
    "DELETE FROM fusion_billing_cutover WHERE service_id = %s",
    "UPDATE account_move SET state = 'draft' WHERE x_fc_service_id = %s",
)


class CutoverRivalsCase(RivalsCase):
    """``press(cr, …)`` does what a button does; who comes too late starts over, as Odoo would."""

    def setUp(self) -> None:
        super().setUp()
        with self.registry.cursor() as cr:
            env = self.env_of(cr)
            self.made_here = self._make(env)
            self.service_id = self.made_here["fusion.billing.service"][0]
            self.order_ids = self.made_here["sale.order"]
        self.addCleanup(self._undo)

    def _make(self, env: api.Environment) -> dict[str, list[int]]:
        tag = secrets.token_hex(4)
        partner = env["res.partner"].create(
            {
                "name": f"Rivals {tag}",
                "state_id": env.ref("base.state_ca_on").id,
                "country_id": env.ref("base.ca").id,
            }
        )
        product = env["product.product"].create(
            {"name": tag, "type": "service", "invoice_policy": "order", "recurring_invoice": True}
        )
        service = env["fusion.billing.service"].create(
            {
                "name": tag,
                "code": f"rivals-{tag}",
                "mode": "shadow",
                "test_clock": NOW,
                "clean_periods_required": 0,
                "product_id": product.id,
            }
        )
        plan = env["sale.subscription.plan"].create(
            {
                "name": tag,
                "x_fc_service_id": service.id,
                "x_fc_code": tag,
                "x_fc_product_id": product.id,
                "billing_period_value": 1,
                "billing_period_unit": "month",
            }
        )
        link = env["fusion.billing.account.link"].create(
            {"service_id": service.id, "external_id": tag, "partner_id": partner.id}
        )
        orders = env["sale.order"].create(
            [self._order(link, plan, product, f"{tag}-{index}") for index in range(2)]
        )
        made = (orders, plan, link, service, product, partner)
        return {records._name: records.ids for records in made} | {"res.users": service.user_id.ids}

    def _order(self, link, plan, product, external_id: str) -> dict:
        return {
            "partner_id": link.partner_id.id,
            "plan_id": plan.id,
            "start_date": date(2026, 3, 1),
            "require_payment": False,
            "require_signature": False,
            "x_fc_service_id": link.service_id.id,
            "x_fc_link_id": link.id,
            "x_fc_external_id": external_id,
            "x_fc_tz": "America/Toronto",
            "x_fc_current_period_start": date(2026, 6, 1),
            "x_fc_current_period_end": CUT,
            "order_line": [Command.create({"product_id": product.id, "price_unit": 29.0})],
        }

    def _undo(self) -> None:
        with self.registry.cursor() as cr:
            env = self.env_of(cr)
            for statement in UNDO:
                cr.execute(statement, (self.service_id,))
            moves = env["account.move"].search([("x_fc_service_id", "=", self.service_id)])
            moves.with_context(force_delete=True).unlink()
            tokens = env["payment.token"].with_context(active_test=False)
            tokens.search([("partner_id", "in", self.made_here["res.partner"])]).unlink()
            for model, ids in self.made_here.items():
                records = env[model].with_context(active_test=False).browse(ids)
                people = records.partner_id if model == "res.users" else env["res.partner"]
                records.unlink()
                people.unlink()

    # ------------------------------------------------------------------ who does what
    def env_of(self, cr) -> api.Environment:
        cr.execute("SET LOCAL lock_timeout = '8s'")  # two that wait for each other fail, not hang
        return api.Environment(cr, SUPERUSER_ID, {})

    def orders(self, cr):
        return self.env_of(cr)["sale.order"].browse(self.order_ids)

    def cutover(self, count: int = 2, state: str = "rehearsed") -> int:
        """A cut-over of the first ``count`` subscriptions, rehearsed; or done."""
        with self.registry.cursor() as cr:
            cutover = self.env_of(cr)["fusion.billing.cutover"].create(
                {"service_id": self.service_id, "order_ids": [Command.set(self.order_ids[:count])]}
            )
            cutover.action_rehearse()
            if state == "done":
                cutover.action_cut_over()
            return cutover.id

    def press(self, cr, cutover_id: int, button: str) -> None:
        """As far as the commit, which is the caller's."""
        env = self.env_of(cr)
        getattr(env["fusion.billing.cutover"].browse(cutover_id), f"action_{button}")()
        env.flush_all()

    def bill(self, cr, day: date = CUT):
        """The invoicing job, as of a day."""
        env = self.env_of(cr)
        service = env["fusion.billing.service"].browse(self.service_id)
        run = env["fusion.billing.invoice"]._run(service, day)
        env.flush_all()
        return run

    def charge(self, cr):
        """What the job that charges does before Stripe hears of anything: the attempt."""
        env = self.env_of(cr)
        move = self.orders(cr)[0].invoice_ids.filtered(lambda move: move.state == "posted")[:1]
        token = env["payment.token"].search([("partner_id", "=", move.partner_id.id)], limit=1)
        attempt = self.orders(cr)[0]._do_payment(token, move)
        env.flush_all()
        return attempt

    def save_card(self) -> None:
        """The customer's, on both live subscriptions."""
        with self.registry.cursor() as cr:
            env = self.env_of(cr)
            method = env.ref("payment.payment_method_card")
            provider = env["payment.provider"].create({"name": "Rivals", "code": "none"})
            token = env["payment.token"].create(
                {
                    "provider_id": provider.id,
                    "payment_method_id": method.id,
                    "partner_id": self.made_here["res.partner"][0],
                    "provider_ref": "rivals",
                }
            )
            self.orders(cr).payment_token_id = token
            self.made_here["payment.provider"] = provider.ids

    def until_done(self, act: Callable) -> None:
        """Start over as Odoo does after a conflict, and a person after *locked*."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            with self.registry.cursor() as cr:
                try:
                    act(cr)
                    cr.commit()
                    return
                except (SerializationFailure, LockError):
                    cr.rollback()
                    self.refused += 1
        raise AssertionError("it never got through")

    def told(self, cr, kind: str) -> int:
        domain = [("service_id", "=", self.service_id), ("webhook_type", "=", kind)]
        return self.env_of(cr)["fusion.billing.webhook"].search_count(domain)
