"""What happens because time passes, and nobody did anything: trials over, ends near, bills late.

Looked for hourly and by each billing run, on the service's own clock. However often that is, an app
hears of each once: the outbox holds one row for each key.
"""

from datetime import datetime, timedelta

from odoo import api, models
from odoo.fields import Domain

from .clock import midnight
from .statuses import SETTLED

# Lago's: days before an end that was agreed on.
ALERT_DAYS = (45, 15)


class BillingNotices(models.AbstractModel):
    """Tells apps what only the clock has changed."""

    _name = "fusion.billing.notices"
    _description = "Notices by the Clock"

    @api.model
    def _cron_tell(self) -> None:
        """Every live service on the real clock, a commit for each."""
        services = self.env["fusion.billing.service"].search(
            [("mode", "=", "live"), ("test_clock", "=", False)]
        )
        for left, service in zip(range(len(services))[::-1], services, strict=True):
            self._tell(service)
            self.env["ir.cron"]._commit_progress(1, remaining=left)

    @api.model
    def _tell(self, service: models.BaseModel) -> None:
        """Write the webhooks that are due at the service's now. Safe to repeat."""
        now = service._now()
        self._tell_trials(service, now)
        self._tell_ends(service, now)
        self._tell_overdue(service)

    def _tell_trials(self, service: models.BaseModel, now: datetime) -> None:
        """``subscription.trial_ended``: at the local midnight of the first paid day."""
        latest = now.date() + timedelta(days=1)  # no zone is further ahead
        for order_sudo in self._active(service, Domain("x_fc_trial_end", "<=", latest)):
            end = order_sudo.x_fc_trial_end
            if midnight(end, order_sudo.x_fc_tz or service.sudo().timezone) <= now:
                key = f"trial_ended/{order_sudo.id}/{end}"
                self._tell_subscription(order_sudo, "subscription.trial_ended", key)

    def _tell_ends(self, service: models.BaseModel, now: datetime) -> None:
        """``subscription.termination_alert``: 45 and 15 days before an end. What was agreed on at
        shorter notice is alerted once, with the nearer of them."""
        latest = now + timedelta(days=max(ALERT_DAYS))
        near = Domain("x_fc_ending_at", ">", now) & Domain("x_fc_ending_at", "<=", latest)
        for order_sudo in self._active(service, near):
            ending = order_sudo.x_fc_ending_at
            days = min(days for days in ALERT_DAYS if ending - timedelta(days=days) <= now)
            key = f"termination_alert/{order_sudo.id}/{ending.isoformat()}/{days}"
            self._tell_subscription(order_sudo, "subscription.termination_alert", key)

    def _tell_overdue(self, service: models.BaseModel) -> None:
        """``invoice.payment_overdue``: posted, not settled, and due before today."""
        late = [
            ("x_fc_service_id", "=", service.id),
            ("move_type", "=", "out_invoice"),
            ("state", "=", "posted"),
            ("payment_state", "not in", list(SETTLED)),
            ("x_fc_voided_at", "=", False),
            ("invoice_date_due", "<", service._today()),
        ]
        serialize = self.env["fusion.billing.serialize"]
        for move_sudo in self.env["account.move"].sudo().search(late, order="id"):
            self.env["fusion.billing.outbox"]._emit_once(
                service,
                "invoice.payment_overdue",
                "invoice",
                f"payment_overdue/{move_sudo.id}/{move_sudo.invoice_date_due}",
                lambda move=move_sudo: serialize._invoice(move, full=True),
            )

    # ------------------------------------------------------------------- details
    def _active(self, service: models.BaseModel, only: Domain) -> models.BaseModel:
        """The running subscriptions (sudo) of the service among those."""
        wanted = only & self.env["fusion.billing.subscribe"]._domain(service, ["active"])
        return self.env["sale.order"].sudo().search(wanted, order="id")

    def _tell_subscription(self, order_sudo: models.BaseModel, webhook_type: str, key: str) -> None:
        serialize = self.env["fusion.billing.serialize"]
        self.env["fusion.billing.outbox"]._emit_once(
            order_sudo.x_fc_service_id,
            webhook_type,
            "subscription",
            key,
            lambda: serialize._subscription(order_sudo, customer=True),
        )
