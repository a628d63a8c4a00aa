"""A renewal takes over: the app's id, its usage from that day on, and its place in the API.

The parent keeps the id too, as a subscription that ended where the renewal begins: usage that
comes late for its days is still found, and billed, there. Which of the two runs is a question of
the clock alone, and never of whether a job has run.
"""

from datetime import date, timedelta

from odoo import models

from . import subscribe_sql
from .clock import midnight

ONE_DAY = timedelta(days=1)


class BillingSubscribeHandover(models.AbstractModel):
    _inherit = "fusion.billing.subscribe"

    def _hand_over(self, order_sudo: models.BaseModel) -> None:
        """Make a confirmed renewal the holder of its parent's external id. Safe to repeat.

        The instant is the local midnight of the renewal's start date, past or to come.
        """
        parent_sudo = order_sudo.subscription_id
        external_id = parent_sudo.x_fc_external_id
        if order_sudo.x_fc_external_id == external_id and parent_sudo.x_fc_terminated_at:
            return
        day, tz = order_sudo.start_date, self._zone_of(order_sudo)
        instant = midnight(day, tz)
        parent_sudo.write(
            {
                "x_fc_terminated_at": parent_sudo.x_fc_terminated_at or instant,
                "end_date": min(parent_sudo.end_date or day - ONE_DAY, day - ONE_DAY),
            }
        )
        parent_sudo.flush_recordset()  # the index wants the id to be free before it is taken
        end = order_sudo.end_date
        order_sudo.write(
            {
                "x_fc_external_id": external_id,
                "x_fc_subscription_at": instant,
                "x_fc_started_at": False,
                "x_fc_canceled_at": False,
                "x_fc_ending_at": midnight(end + ONE_DAY, tz) if end else False,
            }
        )
        self._carry_anchor(order_sudo, parent_sudo)
        order_sudo.write(self._first_due(order_sudo, parent_sudo))
        service_sudo = order_sudo.x_fc_service_id
        self._move_usage(parent_sudo, order_sudo, day)
        if external_id:
            self.env["fusion.billing.ingest"]._reexamine(service_sudo, external_ids=[external_id])
        if instant <= service_sudo._now():
            self._begin(order_sudo)

    def _carry_anchor(self, order_sudo: models.BaseModel, parent_sudo: models.BaseModel) -> None:
        """After a plan change or a trial periods count from an earlier day than the start. A
        renewal goes on counting from there, if it begins on one of those boundaries: of the 31st,
        renewed on 28 February, the next invoice is due on 31 March."""
        counted_from = parent_sudo.x_fc_anchor_date
        if order_sudo.x_fc_anchor_date or not counted_from:
            return
        if order_sudo._x_fc_anchor() == counted_from:
            order_sudo.x_fc_anchor_date = counted_from

    def _first_due(self, order_sudo: models.BaseModel, parent_sudo: models.BaseModel) -> dict:
        """In arrears a period counted from elsewhere, or of the calendar on another plan, is due
        at its own end, and not a whole period after the start."""
        goes_on = order_sudo.plan_id == parent_sudo.plan_id and not order_sudo.x_fc_anchor_date
        if goes_on or not order_sudo._x_fc_is_calendar_arrears():
            return {}
        return {"next_invoice_date": order_sudo._x_fc_calendar_end(order_sudo.start_date)}

    def _hand_back(self, order_sudo: models.BaseModel) -> None:
        """A renewal was cancelled: the id is its parent's again.

        Where the edition lets the parent run on, so do we, with the usage that came meanwhile.
        Else it ends where the renewal would have begun. Usage of a renewal that ran stays on it.
        """
        parent_sudo = order_sudo.subscription_id
        instant = midnight(order_sudo.start_date, self._zone_of(order_sudo))
        order_sudo.write(
            {
                "x_fc_external_id": False,
                "x_fc_canceled_at": order_sudo.x_fc_service_id._now(),
            }
        )
        order_sudo.flush_recordset()
        runs = parent_sudo.subscription_state in ("3_progress", "4_paused")
        if parent_sudo.x_fc_terminated_at == instant:
            parent_sudo.x_fc_terminated_at = False
            if not runs:
                parent_sudo.x_fc_ending_at = instant
        if runs and not order_sudo.x_fc_period_ids:
            self._move_usage(order_sudo, parent_sudo, order_sudo.start_date)

    def _call_off_successor(self, order_sudo: models.BaseModel) -> None:
        """What ends now is not renewed next month."""
        successor_sudo = order_sudo._x_fc_successor()
        if successor_sudo and self._status(successor_sudo, self._now_of(order_sudo)) == "pending":
            successor_sudo._action_cancel()

    def _begin(self, order_sudo: models.BaseModel) -> None:
        """It runs from now on: tell the app, which knows it by its id and not by our order.

        To the app a renewal on the same plan is the same subscription, with news. A changed plan
        is Lago's pair: the old one terminated, the new one started.
        """
        order_sudo.x_fc_started_at = order_sudo.x_fc_subscription_at
        parent_sudo = order_sudo._x_fc_predecessor()
        if not parent_sudo:
            self._announce(order_sudo, "subscription.started")
        elif parent_sudo.plan_id == order_sudo.plan_id:
            self._announce(order_sudo, "subscription.updated")
        else:
            self._announce(parent_sudo, "subscription.terminated")
            self._announce(order_sudo, "subscription.started")

    # ----------------------------------------------------------------- usage
    def _holder(self, service: models.BaseModel, external_id: str, day: date) -> models.BaseModel:
        """The order (sudo) that this local day of an external id belongs to, or nothing.

        The last to begin by then, of those not called off; before all of them, the first.
        """
        orders_sudo = self.env["sale.order"].sudo()
        found_sudo = orders_sudo.search(
            [
                ("x_fc_service_id", "=", service.id),
                ("x_fc_external_id", "=", external_id),
                ("state", "!=", "cancel"),
            ],
            order="start_date, id",
        )
        begun_sudo = found_sudo.filtered(
            lambda order: not order.start_date or order.start_date <= day
        )
        return begun_sudo[-1:] or found_sudo[:1]

    def _move_usage(
        self, source: models.BaseModel, target: models.BaseModel, first_day: date
    ) -> None:
        """Let the target have what the source counted from that local day on.

        What was sent stays as it was sent. Only whom it counts for changes, in ledger and rollup
        at once.
        """
        self.env.flush_all()
        parameters = {
            "source": source.id,
            "target": target.id,
            "day": first_day,
            "service": target.x_fc_service_id.id,
            "now": self._now_of(target),
        }
        self.env.cr.execute(subscribe_sql.MOVE_USAGE, parameters)
        self.env["fusion.billing.ingest"]._forget_caches()
        self.env.cr.execute(subscribe_sql.MOVE_COUNTERS, parameters)
        counters = self.env["fusion.billing.counter"]
        counters._fold(target.x_fc_service_id, self.env.cr.fetchall())
        counters._forget_caches()
        self.env.cr.execute(subscribe_sql.MOVE_SEALS, parameters)
        self.env["fusion.billing.usage.seal"].invalidate_model(["subscription_id"], flush=False)

    def _collect_strays(self, service: models.BaseModel) -> None:
        """Give renewals what pushes that met their confirmation counted for the parent."""
        self.env.flush_all()
        self.env.cr.execute(subscribe_sql.STRAYED, {"service": service.id})
        orders_sudo = self.env["sale.order"].sudo()
        for parent_id, order_id, day in self.env.cr.fetchall():
            self._move_usage(orders_sudo.browse(parent_id), orders_sudo.browse(order_id), day)

    def _now_of(self, order_sudo: models.BaseModel):
        return order_sudo.x_fc_service_id._now()

    def _zone_of(self, order_sudo: models.BaseModel) -> str:
        return order_sudo.x_fc_tz or order_sudo.x_fc_service_id.timezone
