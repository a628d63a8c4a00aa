"""Sending again: one message, a range, or all that failed. Same bytes, same ids."""

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL


class BillingWebhookReplay(models.AbstractModel):
    """Starts the tries of deliveries anew; makes those that an endpoint never had."""

    _name = "fusion.billing.webhook.resend"
    _description = "Webhook Replay"

    @api.model
    def _replay(
        self, service: models.BaseModel, chosen: Domain, endpoint: models.BaseModel | None = None
    ) -> int:
        """Send the chosen messages again; return how many deliveries begin anew.

        :param chosen: a domain of `fusion.billing.webhook`; only numbered ones are sent
        :param endpoint: only to this one, whether it wants the type or not. Else to every
            endpoint that wants it, those included that were made after the message.

        What is on its way already stays as it is.
        """
        mine = Domain("service_id", "=", service.id) & Domain("sequence", ">", 0)
        ids = self.env["fusion.billing.webhook"].search(mine & chosen).ids
        wanted = SQL(
            "endpoint.all_events"
            " OR webhook.webhook_type = ANY(string_to_array(endpoint.event_types, ' '))"
        )
        if endpoint:
            wanted = SQL("endpoint.id = %s", endpoint.id)
        self.env["fusion.billing.webhook.delivery"].flush_model()
        self.env["fusion.billing.webhook.endpoint"].flush_model()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO fusion_billing_webhook_delivery AS delivery
                       (webhook_id, endpoint_id, service_id, sequence, state, attempts,
                        next_attempt_at, create_date, write_date)
                SELECT webhook.id, endpoint.id, webhook.service_id, webhook.sequence, 'pending', 0,
                       %(now)s, %(now)s, %(now)s
                FROM fusion_billing_webhook AS webhook
                JOIN fusion_billing_webhook_endpoint AS endpoint
                  ON endpoint.service_id = webhook.service_id
                WHERE webhook.id = ANY(%(ids)s) AND (%(wanted)s)
                ON CONFLICT (webhook_id, endpoint_id) DO UPDATE
                SET state = 'pending', attempts = 0, next_attempt_at = %(now)s, url = NULL,
                    last_error = NULL, write_date = %(now)s
                WHERE delivery.state != 'pending'
                """,
                ids=ids,
                wanted=wanted,
                now=fields.Datetime.now(),
            )
        )
        count = self.env.cr.rowcount
        self.env["fusion.billing.webhook.delivery"].invalidate_model()
        self.env["fusion.billing.webhook"].invalidate_model(["delivery_ids", "state"])
        self.env["fusion.billing.outbox"]._wake_after_commit()
        return count

    @api.model
    def _replay_failed(
        self, service: models.BaseModel, endpoint: models.BaseModel | None = None
    ) -> int:
        """Begin anew what was given up; return how many."""
        domain = Domain("service_id", "=", service.id) & Domain("state", "=", "failed")
        if endpoint:
            domain &= Domain("endpoint_id", "=", endpoint.id)
        deliveries_sudo = self.env["fusion.billing.webhook.delivery"].sudo().search(domain)
        deliveries_sudo._restart()
        return len(deliveries_sudo)
