"""Where the messages of a service go: up to ten addresses, each with a health of its own."""

from datetime import datetime, timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ..engine import Invalid, encode
from .webhook_types import WEBHOOK_TYPES

MAX_ENDPOINTS = 10
TOO_MANY = "Maximum number of webhook endpoints was reached"
FAILING_TIME = timedelta(days=5)
GONE = 410


class BillingWebhookEndpoint(models.Model):
    """One address of one app. While it is off, what is due to it waits."""

    _name = "fusion.billing.webhook.endpoint"
    _description = "Webhook Endpoint"
    _rec_name = "url"
    _order = "service_id, id"

    service_id = fields.Many2one(
        "fusion.billing.service", required=True, ondelete="cascade", index=True
    )
    name = fields.Char(help="What listens there, for people.")
    url = fields.Char(string="URL", required=True, help="http:// or https://, any path.")
    signature_algo = fields.Selection(
        [("hmac", "HMAC with the service's secret"), ("jwt", "JWT with the public key")],
        string="Signature",
        required=True,
        default="hmac",
        help="What X-Lago-Signature holds. The Standard Webhooks signature is always there.",
    )
    all_events = fields.Boolean(default=True, help="Every type, those of later versions as well.")
    event_types = fields.Char(
        help="The wanted types, separated by spaces, e.g. “invoice.created subscription.started”."
    )
    main = fields.Boolean(
        copy=False, help="The address that the service's field webhook_url reads and sets."
    )
    active = fields.Boolean(string="Enabled", default=True, copy=False)
    failing_since = fields.Datetime(readonly=True, copy=False)
    disabled_reason = fields.Selection(
        [("failing", "Failed for five days"), ("gone", "Answered 410 Gone")],
        readonly=True,
        copy=False,
    )
    delivery_ids = fields.One2many("fusion.billing.webhook.delivery", "endpoint_id")

    _url_uniq = models.UniqueIndex("(service_id, url)", "This address is there already.")
    _main_uniq = models.UniqueIndex("(service_id) WHERE main", "One main address a service.")

    @api.model_create_multi
    def create(self, vals_list: list[dict]) -> "BillingWebhookEndpoint":
        """:raise Invalid: the service has ten already (Lago's sentence, not a code)."""
        endpoints = super().create(vals_list)
        self._make_rivals_start_over(endpoints.service_id)
        for service in endpoints.service_id:
            domain = [("service_id", "=", service.id)]
            if self.with_context(active_test=False).search_count(domain) > MAX_ENDPOINTS:
                raise Invalid({"base": [TOO_MANY]})
        self.env["fusion.billing.outbox"]._wake_after_commit()
        return endpoints

    def _make_rivals_start_over(self, services: models.BaseModel) -> None:
        """Whoever adds to the same service at the same time fails, and counts these the next time.

        A lock alone would not do: the one who waited would still count what was there before.
        """
        services.flush_recordset()
        self.env.cr.execute(
            SQL(
                "UPDATE fusion_billing_service SET write_date = write_date WHERE id = ANY(%s)",
                sorted(services.ids),
            )
        )

    def write(self, vals: dict) -> bool:
        """Switched on by whichever way, an endpoint begins anew."""
        if vals.get("active"):
            vals = {"failing_since": False, "disabled_reason": False, **vals}
            self.env["fusion.billing.outbox"]._wake_after_commit()
        return super().write(vals)

    @api.constrains("url")
    def _check_url(self) -> None:
        for endpoint in self:
            if not endpoint.url.lower().startswith(("http://", "https://")):
                raise ValidationError(
                    self.env._("The address must begin with http:// or https://.")
                )

    @api.constrains("event_types")
    def _check_event_types(self) -> None:
        for endpoint in self:
            if unknown := endpoint._wanted() - WEBHOOK_TYPES:
                raise ValidationError(
                    self.env._("Unknown webhook types: %s", ", ".join(sorted(unknown)))
                )

    def _wanted(self) -> set[str]:
        return set((self.event_types or "").split())

    def action_enable(self) -> None:
        """Go on: what waited is tried at once, in order."""
        self.check_access("write")
        self.write({"active": True})
        waiting_sudo = self.delivery_ids.sudo().filtered(lambda row: row.state == "pending")
        waiting_sudo.write({"next_attempt_at": fields.Datetime.now()})

    # ------------------------------------------------------------------ health
    def _healthy(self) -> None:
        """An answer that confirms ends a series of failures."""
        if self.failing_since:
            self.failing_since = False

    def _ailing(self, status: int, now: datetime) -> None:
        """Note a failure. 410 ends it at once, five days without a success end it as well."""
        if status == GONE:
            self._disable("gone")
        elif not self.failing_since:
            self.failing_since = now
        elif now - self.failing_since >= FAILING_TIME:
            self._disable("failing")

    def _disable(self, reason: str) -> None:
        """Stop and tell the followers of the service; the screen shows it until it is enabled."""
        self.ensure_one()
        if not self.active:
            return
        self.write({"active": False, "disabled_reason": reason})
        reasons = dict(self._fields["disabled_reason"]._description_selection(self.env))
        self.service_id.message_post(
            body=self.env._(
                "The webhook endpoint “%(endpoint)s” was switched off: %(reason)s. What is due to "
                "it waits; enable it on the tab Webhooks once it answers again.",
                endpoint=self.name or self._host(),
                reason=reasons[reason],
            ),
            message_type="notification",
            subtype_xmlid="mail.mt_comment",
        )

    def _host(self) -> str:
        """The address without path and query, which may hold a token."""
        return "/".join(self.url.split("/")[:3]).rpartition("@")[2]

    # -------------------------------------------------------------------- wire
    def _to_wire(self) -> dict:
        """Lago's ``webhook_endpoint``."""
        return {
            "lago_id": encode("webhook_endpoint", self.id),
            "lago_organization_id": encode("service", self.service_id.id),
            "webhook_url": self.url,
            "signature_algo": self.signature_algo,
            "name": self.name or None,
            "event_types": None if self.all_events else (self.event_types or "").split(),
            "created_at": self.env["fusion.billing.serialize"]._instant(self.create_date),
        }
