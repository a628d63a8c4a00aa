"""Create an API key, or a key's successor, and show it once."""

from datetime import timedelta

from odoo import fields, models


class BillingApiKeyWizard(models.TransientModel):
    """Two screens: what the key is for (or how long the old one goes on), then the key itself.

    The plaintext travels in the action's context to the person's browser only: no column holds it.
    """

    _name = "fusion.billing.api.key.wizard"
    _description = "New Billing API Key"

    name = fields.Char(
        string="Used by", required=True, default="App", help="e.g. “usage agent, production”"
    )
    service_id = fields.Many2one("fusion.billing.service", required=True, ondelete="cascade")
    scope = fields.Selection(
        [("read", "Read only"), ("write", "Read and write")], required=True, default="write"
    )
    expires_at = fields.Datetime(help="Empty = it works until it is revoked.")
    own_rate_limit = fields.Boolean(
        string="Limit of its own", help="Instead of the service's limit."
    )
    rate_limit = fields.Integer(
        string="Requests in 10 s", help="Most requests of this key in ten seconds. 0 = no limit."
    )
    key_id = fields.Many2one("fusion.billing.api.key", readonly=True, ondelete="cascade")
    overlap = fields.Integer(
        string="Old key works for", default=24, help="0 = the old key stops at once."
    )
    overlap_unit = fields.Selection(
        [("hours", "hours"), ("days", "days")], required=True, default="hours"
    )
    plaintext = fields.Char(string="API Key", store=False, readonly=True)

    _overlap_positive = models.Constraint(
        "CHECK (overlap BETWEEN 0 AND 8760)", "The old key works for 0 to 8,760 hours or days."
    )

    def action_generate(self) -> dict:
        """Create the key and move on to the screen that shows it."""
        self.ensure_one()
        self.service_id.check_access("write")
        keys = self.env["fusion.billing.api.key"]
        key, plaintext = keys._generate(self.service_id, self.name, self.scope)
        key.sudo().write(
            {
                "expires_at": self.expires_at,
                "own_rate_limit": self.own_rate_limit,
                "rate_limit": self.rate_limit if self.own_rate_limit else 0,
            }
        )
        return self._action_show(self.service_id, plaintext)

    def action_rotate(self) -> dict:
        """Make the successor; the old key goes on for as long as was asked."""
        self.ensure_one()
        key = self.key_id
        key.service_id.check_access("write")
        overlap = timedelta(**{self.overlap_unit: self.overlap})
        return self._action_show(key.service_id, key._rotate(overlap)[1])

    def _action_open(self, service) -> dict:
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("New API key for %(service)s", service=service.name),
            "res_model": self._name,
            "view_mode": "form",
            "target": "new",
            "context": {"default_service_id": service.id},
        }

    def _action_rotate(self, key) -> dict:
        view = self.env.ref("fusion_centralize_billing.view_api_key_wizard_rotate")
        return {
            **self._action_open(key.service_id),
            "name": self.env._("A successor for the key %(key)s", key=key.prefix),
            "views": [(view.id, "form")],
            "context": {"default_service_id": key.service_id.id, "default_key_id": key.id},
        }

    def _action_show(self, service, plaintext: str) -> dict:
        view = self.env.ref("fusion_centralize_billing.view_api_key_wizard_show")
        return {
            **self._action_open(service),
            "name": self.env._("Copy this API key now"),
            "views": [(view.id, "form")],
            "context": {"default_service_id": service.id, "default_plaintext": plaintext},
        }
