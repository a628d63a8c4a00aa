"""What an app changes of a subscription that exists: its name, its end, a start to come."""

from datetime import date, datetime, timedelta
from typing import Any

from odoo import models

from ..engine.errors import Invalid
from .clock import local_day


class BillingSubscribeUpdate(models.AbstractModel):
    _inherit = "fusion.billing.subscribe"

    def _update(self, order_sudo: models.BaseModel, values: dict[str, Any]) -> models.BaseModel:
        """Change what was sent of ``name``, ``ending_at``, ``subscription_at`` and
        ``plan_overrides``.

        :param values: instants are naive UTC; an explicit None clears
        :raises Invalid: an end that is past or before the start; a start of what has begun
        """
        now = order_sudo.x_fc_service_id._now()
        waits = self._status(order_sudo, now) == "pending"
        starts = values.get("subscription_at")
        if starts and not waits and starts != order_sudo.x_fc_subscription_at:
            raise Invalid({"subscription_at": ["not_editable_once_started"]})
        if starts and waits:
            self._move_start(order_sudo, starts, now)
        if "name" in values:
            order_sudo.x_fc_name = values["name"]
        if "ending_at" in values:
            ending = values["ending_at"]
            self._check_ending(ending, order_sudo.x_fc_subscription_at, now)
            order_sudo.write(self._ending_vals(order_sudo, ending))
        if overrides := values.get("plan_overrides"):
            self._override_prices(order_sudo, overrides)
        self._announce(order_sudo, "subscription.updated")
        return order_sudo

    def _move_start(self, order_sudo: models.BaseModel, starts: datetime, now: datetime) -> None:
        """A start that has not come yet comes at another time to come."""
        if starts <= now:
            raise Invalid({"subscription_at": ["invalid_date"]})
        ending = order_sudo.x_fc_ending_at
        if ending and ending <= starts:
            raise Invalid({"subscription_at": ["invalid_date"]})
        order_sudo.write(
            {
                "x_fc_subscription_at": starts,
                "start_date": local_day(starts, order_sudo.x_fc_tz),
                "x_fc_trial_end": False,
                "x_fc_anchor_date": False,
            }
        )
        self._grant_trial(order_sudo)
        if order_sudo.state == "sale":
            order_sudo.next_invoice_date = self._first_invoice_date(order_sudo, now)

    def _ending_vals(self, order_sudo: models.BaseModel, ending: datetime | None):
        """The instant, and the last day that is billed."""
        second = timedelta(seconds=1)
        last = local_day(ending - second, order_sudo.x_fc_tz) if ending else False
        if changes := order_sudo.x_fc_plan_change_on:
            # Another plan takes over on that day: this one bills nothing beyond it.
            last = min(last or date.max, changes - timedelta(days=1))
        return {"x_fc_ending_at": ending, "end_date": last}

    def _check_kept(self, credit_note: str | None, invoice: str | None) -> None:
        """How it will end is said when it ends: only what happens anyway may be said before.

        :raises Invalid: ``not_supported``
        """
        wrong = {}
        if credit_note not in (None, "", "credit"):
            wrong["on_termination_credit_note"] = ["not_supported"]
        if invoice not in (None, "", "generate"):
            wrong["on_termination_invoice"] = ["not_supported"]
        if wrong:
            raise Invalid(wrong)
