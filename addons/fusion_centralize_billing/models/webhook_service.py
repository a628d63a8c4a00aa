"""A service's webhooks: its endpoints, its secrets and its key pair."""

import secrets
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..engine.signature import new_secret
from ..pipeline.webhook_jwt import new_private_key

MANAGER = "fusion_centralize_billing.group_fusion_billing_manager"
ROTATION_OVERLAP = timedelta(hours=24)


class BillingService(models.Model):
    _inherit = "fusion.billing.service"

    endpoint_ids = fields.One2many(
        "fusion.billing.webhook.endpoint",
        "service_id",
        string="Endpoints",
        context={"active_test": False},
    )
    webhook_url = fields.Char(
        string="Webhook URL",
        compute="_compute_webhook_url",
        inverse="_inverse_webhook_url",
        copy=False,
        help="The address of the main endpoint. Setting it makes one, emptying it removes it.",
    )
    webhook_secret_previous = fields.Char(
        copy=False, groups=MANAGER, help="Signs as well, until the instant beside it."
    )
    webhook_secret_previous_until = fields.Datetime(
        string="Previous Secret Until", copy=False, groups=MANAGER
    )
    webhook_private_key = fields.Text(
        copy=False,
        prefetch=False,
        groups="base.group_system",
        help="Signs the webhooks of endpoints with JWT. Made when first needed.",
    )
    disabled_endpoint_count = fields.Integer(compute="_compute_disabled_endpoint_count")

    @api.depends("endpoint_ids.main", "endpoint_ids.url")
    def _compute_webhook_url(self) -> None:
        for service in self:
            main = service.endpoint_ids.filtered("main")
            service.webhook_url = main.url

    def _inverse_webhook_url(self) -> None:
        for service in self:
            url = service.webhook_url
            endpoints = service.endpoint_ids
            main = endpoints.filtered("main")
            if main.url == url:
                continue
            same = endpoints.filtered(lambda endpoint, url=url: endpoint.url == url)
            if not url:
                main.unlink()
            elif same:
                main.main = False
                main.flush_recordset(["main"])
                same.main = True
            elif main:
                main.write({"url": url, "active": True})
            else:
                main.create({"service_id": service.id, "url": url, "main": True})

    @api.depends("endpoint_ids.disabled_reason")
    def _compute_disabled_endpoint_count(self) -> None:
        for service in self:
            service.disabled_endpoint_count = len(service.endpoint_ids.filtered("disabled_reason"))

    def action_rotate_secret(self) -> None:
        """A new secret signs from now on, the old one beside it for 24 hours more."""
        self.ensure_one()
        self.check_access("write")
        self.write(
            {
                "webhook_secret_previous": self.webhook_secret,
                "webhook_secret_previous_until": fields.Datetime.now() + ROTATION_OVERLAP,
                "webhook_secret": new_secret(secrets.token_bytes(32)),
            }
        )

    def action_replay_webhooks(self) -> dict:
        """Open the wizard that sends messages again."""
        self.ensure_one()
        return self.env["fusion.billing.webhook.replay"]._action_open(self)

    def _webhook_secrets(self) -> list[str]:
        """The secrets that sign now, the current one first. Empty: nothing may leave."""
        self.ensure_one()
        service_sudo = self.sudo()
        found = [service_sudo.webhook_secret or ""]
        until = service_sudo.webhook_secret_previous_until
        if service_sudo.webhook_secret_previous and until and until > fields.Datetime.now():
            found.append(service_sudo.webhook_secret_previous)
        return found

    def _webhook_key(self) -> str:
        """The private key (PEM), made on first use; two first uses make one key."""
        self.ensure_one()
        service_sudo = self.sudo()
        if not service_sudo.webhook_private_key:
            # Waits here, before the key is in a query: one that fails is logged as it is.
            self.env.cr.execute(
                SQL("SELECT FROM fusion_billing_service WHERE id = %s FOR NO KEY UPDATE", self.id)
            )
            service_sudo.invalidate_recordset(["webhook_private_key"])
            if not service_sudo.webhook_private_key:
                service_sudo.webhook_private_key = new_private_key()
        return service_sudo.webhook_private_key
