"""Create an API key and show it once."""

from odoo import fields, models


class BillingApiKeyWizard(models.TransientModel):
    """Two screens: what the key is for, then the key itself.

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
    plaintext = fields.Char(string="API Key", store=False, readonly=True)

    def action_generate(self) -> dict:
        """Create the key and move on to the screen that shows it."""
        self.ensure_one()
        self.service_id.check_access("write")
        keys = self.env["fusion.billing.api.key"]
        _key, plaintext = keys._generate(self.service_id, self.name, self.scope)
        return self._action_show(self.service_id, plaintext)

    def _action_open(self, service) -> dict:
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("New API key for %(service)s", service=service.name),
            "res_model": self._name,
            "view_mode": "form",
            "target": "new",
            "context": {"default_service_id": service.id},
        }

    def _action_show(self, service, plaintext: str) -> dict:
        view = self.env.ref("fusion_centralize_billing.view_api_key_wizard_show")
        return {
            **self._action_open(service),
            "name": self.env._("Copy this API key now"),
            "views": [(view.id, "form")],
            "context": {"default_service_id": service.id, "default_plaintext": plaintext},
        }
