"""Send webhooks again: a range by number, a span of time, or all that failed."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class BillingWebhookReplayWizard(models.TransientModel):
    """Asks what is to be sent again, and where to."""

    _name = "fusion.billing.webhook.replay"
    _description = "Send Webhooks Again"

    service_id = fields.Many2one("fusion.billing.service", required=True, ondelete="cascade")
    endpoint_id = fields.Many2one(
        "fusion.billing.webhook.endpoint",
        ondelete="cascade",
        domain="[('service_id', '=', service_id)]",
        help="Empty: every endpoint that wants the type.",
    )
    what = fields.Selection(
        [
            ("failed", "All that failed"),
            ("sequence", "A range of numbers"),
            ("time", "A span of time"),
        ],
        string="Which",
        required=True,
        default="failed",
    )
    from_sequence = fields.Integer(string="From No.", default=1)
    to_sequence = fields.Integer(string="To No.", help="Both ends are sent.")
    from_datetime = fields.Datetime(string="From")
    to_datetime = fields.Datetime(string="To")

    @api.model
    def _action_open(self, service: models.BaseModel) -> dict:
        """The form, for this service."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Send webhooks again"),
            "res_model": self._name,
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_service_id": service.id,
                "default_to_sequence": self.env["fusion.billing.webhook.feed"]._last(service),
            },
        }

    def action_replay(self) -> dict:
        """Begin the deliveries anew and say how many there are."""
        self.ensure_one()
        self.service_id.check_access("write")
        resend = self.env["fusion.billing.webhook.resend"]
        if self.what == "failed":
            count = resend._replay_failed(self.service_id, self.endpoint_id)
        else:
            count = resend._replay(self.service_id, self._chosen(), self.endpoint_id)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "message": self.env._("%s deliveries begin anew.", count),
                "type": "success" if count else "warning",
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def _chosen(self) -> Domain:
        if self.what == "sequence":
            field_name, ends = "sequence", (self.from_sequence, self.to_sequence)
        else:
            field_name, ends = "create_date", (self.from_datetime, self.to_datetime)
        if not all(ends):
            raise UserError(self.env._("Say where the range begins and where it ends."))
        return Domain(field_name, ">=", ends[0]) & Domain(field_name, "<=", ends[1])
