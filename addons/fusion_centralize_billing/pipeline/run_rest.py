"""What no recurring invoice carries any more, and what Odoo leaves alone."""

from datetime import date, timedelta

import psycopg2

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..engine import BillingError


def run_line(
    order: models.BaseModel, state: str, reason: str | bool, move: models.BaseModel | None = None
) -> dict:
    return {
        "order_id": order.id,
        "partner_id": order.partner_id.id,
        "state": state,
        "reason": reason or False,
        "invoice_id": move.id if move else False,
    }


class BillingRunRest(models.AbstractModel):
    _inherit = "fusion.billing.invoice"

    def _bill_ended(
        self, services: models.BaseModel, day: date, done: models.BaseModel
    ) -> list[dict]:
        """Usage of subscriptions that have ended, late corrections included."""
        lines = []
        billable = self.env["fusion.billing.billable"]
        for order in self._ended(services, day) - done:
            late = any(order.x_fc_period_ids.mapped("dirty"))
            invoiced_on = day if late else order.end_date
            if reason := billable._obstacle(order, invoiced_on):
                lines.append(run_line(order, "parked", reason))
                continue
            lines += self._bill_rest_alone(order.with_context(billing_date=invoiced_on))
        return lines

    def _bill_rest_alone(self, order: models.BaseModel) -> list[dict]:
        try:
            with self.env.cr.savepoint():
                move = self._bill_rest(order, order.end_date + timedelta(days=1))
        except (BillingError, UserError, psycopg2.IntegrityError) as error:
            reason = self.env["fusion.billing.billable"]._reason(error)
            return [run_line(order, "parked", reason)]
        return [run_line(order, "invoiced", False, move)] if move else []

    def _ended(self, services: models.BaseModel, day: date) -> models.BaseModel:
        """Orders over before ``day`` with days that no period claims, or with late usage."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT o.id
                FROM sale_order o
                WHERE o.x_fc_service_id = ANY(%(services)s)
                  AND o.state = 'sale'
                  AND o.end_date < %(day)s AND o.start_date <= o.end_date
                  AND (NOT EXISTS (SELECT FROM fusion_billing_period p
                                   WHERE p.subscription_id = o.id AND p.state = 'billed'
                                     AND p."end" > o.end_date)
                       OR EXISTS (SELECT FROM fusion_billing_period p
                                  WHERE p.subscription_id = o.id AND p.dirty))
                ORDER BY o.id
                """,
                services=services.ids,
                day=day,
            )
        )
        return self.env["sale.order"].browse([row[0] for row in rows])

    def _left_alone(
        self, services: models.BaseModel, day: date, done: models.BaseModel
    ) -> list[dict]:
        """Due subscriptions that Odoo's own rules keep from being invoiced, with the rule."""
        orders = self.env["sale.order"].search(
            [
                ("x_fc_service_id", "in", services.ids),
                ("state", "=", "sale"),
                ("subscription_state", "=", "3_progress"),
                ("next_invoice_date", "<=", day),
                ("id", "not in", done.ids),
            ]
        )
        waiting = self.env["sale.order"].search(self._due_domain(services, day, done))
        billable = self.env["fusion.billing.billable"]
        return [
            run_line(order, "skipped", billable._skipped(order))
            for order in orders - waiting
            if not order.end_date or order.next_invoice_date <= order.end_date
        ]
