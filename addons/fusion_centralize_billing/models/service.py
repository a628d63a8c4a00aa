"""One source app: its catalogue, its keys, its clock and whether it may bill for real."""

import re
import secrets
from datetime import date, datetime

import pytz

from odoo import Command, api, fields, models
from odoo.addons.base.models.res_partner import _tz_get
from odoo.exceptions import UserError, ValidationError

from ..engine.signature import new_secret

CODE_PATTERN = re.compile(r"^[a-z0-9][a-z0-9_-]{0,31}$")
API_GROUP = "fusion_centralize_billing.group_fusion_billing_api"


class BillingService(models.Model):
    """An app that pushes customers, subscriptions and usage and wants them billed.

    A service is born in ``shadow``: it may import, count and be compared, but nothing of it can
    be posted, charged or confirmed before its go-live.
    """

    _name = "fusion.billing.service"
    _description = "Billing Service"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "name, id"

    name = fields.Char(required=True, tracking=True)
    code = fields.Char(
        required=True,
        copy=False,
        help="Short, stable name used in keys and logs. Cannot change once the service exists.",
    )
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, index=True
    )
    user_id = fields.Many2one(
        "res.users",
        string="Technical User",
        copy=False,
        readonly=True,
        ondelete="restrict",
        help="Every API request of this service runs as this user, so record rules apply to it.",
    )
    key_ids = fields.One2many("fusion.billing.api.key", "service_id", string="API Keys")
    journal_id = fields.Many2one(
        "account.journal",
        string="Sales Journal",
        check_company=True,
        domain="[('type', '=', 'sale')]",
        help="Invoices of this service go here. Empty = the company's default sales journal.",
    )
    product_id = fields.Many2one(
        "product.product",
        string="Base Fee Product",
        check_company=True,
        help="Default product of a plan's recurring fee: decides income account and tax.",
    )
    usage_product_id = fields.Many2one(
        "product.product",
        check_company=True,
        help="Default product of usage lines, for metrics without a product of their own.",
    )
    metric_ids = fields.One2many("fusion.billing.metric", "service_id", string="Metrics")
    charge_ids = fields.One2many("fusion.billing.charge", "service_id", string="Charges")
    plan_ids = fields.One2many("sale.subscription.plan", "x_fc_service_id", string="Plans")
    link_ids = fields.One2many("fusion.billing.account.link", "service_id", string="Customer Links")
    subscription_ids = fields.One2many("sale.order", "x_fc_service_id", string="Subscriptions")
    webhook_ids = fields.One2many("fusion.billing.webhook", "service_id", string="Webhooks")
    mode = fields.Selection(
        [("shadow", "Shadow"), ("live", "Live")],
        required=True,
        default="shadow",
        readonly=True,
        copy=False,
        tracking=True,
        help="Shadow: nothing is confirmed, posted or charged. Live: this service bills.",
    )
    webhook_secret = fields.Char(
        copy=False,
        groups="fusion_centralize_billing.group_fusion_billing_manager",
        help="Signs every webhook (HMAC-SHA256). The app verifies with the same value.",
    )
    batch_limit = fields.Integer(
        default=100, required=True, help="Most events one batch request may carry."
    )
    rate_limit = fields.Integer(
        string="Requests in 10 s",
        help="Most requests that each API key may make in ten seconds; a key may have a limit of "
        "its own. 0 = no limit. Beyond it the answer is 429 until the next ten seconds begin.",
    )
    timezone = fields.Selection(
        _tz_get,
        required=True,
        default="America/Toronto",
        help="Billing timezone of a subscription whose customer has none: decides the local day.",
    )
    test_clock = fields.Datetime(
        copy=False,
        tracking=True,
        help="Test clock: the instant this service believes it is. Empty = the real clock. "
        "Crons skip services on a test clock; runs for them are explicit.",
    )
    subscription_count = fields.Integer(compute="_compute_counts")
    customer_count = fields.Integer(compute="_compute_counts")
    invoice_count = fields.Integer(compute="_compute_counts")
    usage_count = fields.Integer(compute="_compute_counts")
    parked_count = fields.Integer(compute="_compute_counts")
    webhook_count = fields.Integer(compute="_compute_counts")

    _code_uniq = models.UniqueIndex("(code)", "Another service already uses this code.")
    _batch_limit_positive = models.Constraint(
        "CHECK (batch_limit BETWEEN 1 AND 10000)",
        "A batch carries between 1 and 10,000 events.",
    )
    _rate_limit_positive = models.Constraint(
        "CHECK (rate_limit >= 0)", "A limit is 0 (none) or more."
    )

    # ------------------------------------------------------------------ compute
    def _compute_counts(self) -> None:
        """Totals behind the stat buttons: one grouped query a model, whatever the number shown."""
        parked = [("state", "=", "parked")]
        sources = {
            "subscription_count": (
                "sale.order",
                "x_fc_service_id",
                [("subscription_state", "!=", "7_upsell")],
            ),
            "customer_count": ("fusion.billing.account.link", "service_id", []),
            "invoice_count": ("account.move", "x_fc_service_id", []),
            "usage_count": ("fusion.billing.usage.event", "service_id", []),
            "parked_count": ("fusion.billing.usage.event", "service_id", parked),
            "webhook_count": ("fusion.billing.webhook", "service_id", []),
        }
        for field_name, (model, link, domain) in sources.items():
            groups = self.env[model]._read_group(
                [(link, "in", self.ids), *domain], [link], ["__count"]
            )
            counts = {service.id: count for service, count in groups}
            for service in self:
                service[field_name] = counts.get(service.id, 0)

    # -------------------------------------------------------------- constraints
    @api.constrains("code")
    def _check_code(self) -> None:
        for service in self:
            if not CODE_PATTERN.match(service.code):
                raise ValidationError(
                    self.env._(
                        "The code “%(code)s” must be 1 to 32 lower-case letters, digits, "
                        "dashes or underscores, and start with a letter or digit.",
                        code=service.code,
                    )
                )

    # --------------------------------------------------------------------- CRUD
    @api.model_create_multi
    def create(self, vals_list: list[dict]) -> "BillingService":
        """Create services, each with its own webhook secret and technical user."""
        for vals in vals_list:
            vals.setdefault("webhook_secret", new_secret(secrets.token_bytes(32)))
        services = super().create(vals_list)
        for service in services:
            service._create_technical_user()
        return services

    def write(self, vals: dict) -> bool:
        if "code" in vals and any(service.code != vals["code"] for service in self):
            raise UserError(
                self.env._("The code of a service is part of its keys and cannot change.")
            )
        result = super().write(vals)
        user_vals = {
            user_field: vals[field_name]
            for field_name, user_field in (("active", "active"), ("company_id", "company_id"))
            if field_name in vals
        }
        if user_vals:
            if "company_id" in user_vals:
                user_vals["company_ids"] = [Command.set([vals["company_id"]])]
            self.user_id.sudo().with_context(active_test=False).write(user_vals)
        return result

    def unlink(self) -> bool:
        """Drop services that never billed; their users stay, archived, as authors of history."""
        users_sudo = self.with_context(active_test=False).user_id.sudo()
        result = super().unlink()
        for user_sudo in users_sudo:
            user_sudo.write({"active": False, "login": f"{user_sudo.login}-deleted-{user_sudo.id}"})
        # The login is unique: free it before a service with the same code makes its user.
        users_sudo.flush_recordset(["login"])
        return result

    def copy_data(self, default: dict | None = None) -> list[dict]:
        """A copy is a new shadow service: own code, own user, own secret, no keys."""
        default = dict(default or {})
        vals_list = super().copy_data(default)
        for service, vals in zip(self, vals_list, strict=True):
            if "code" not in default:
                vals["code"] = f"{service.code[:20]}-{secrets.token_hex(3)}"
            if "name" not in default:
                vals["name"] = self.env._("%(name)s (copy)", name=service.name)
        return vals_list

    # ------------------------------------------------------------------ actions
    def action_generate_key(self) -> dict:
        """Open the wizard that creates a key and shows it once."""
        self.ensure_one()
        return self.env["fusion.billing.api.key.wizard"]._action_open(self)

    def action_go_live(self) -> dict:
        """Attach the charges to their plans, confirm the subscriptions and start billing."""
        self.ensure_one()
        self.check_access("write")
        self._check_proved()
        report = self.env["fusion.billing.golive"]._go_live(self)
        return self._notify_go_live(report)

    def action_billing_run(self) -> dict:
        """Open a draft billing run for this service, as of its own today."""
        self.ensure_one()
        run = self.env["fusion.billing.run"].create({"service_id": self.id, "as_of": self._today()})
        return run._action_form()

    def _notify_go_live(self, report: dict) -> dict:
        """Tell a person what went live and what is held back, with the first reasons."""
        held = report["held"]
        lines = [
            self.env._(
                "%(confirmed)s subscriptions confirmed, %(charges)s charges attached, "
                "%(held)s held back.",
                confirmed=report["confirmed"],
                charges=report["charges_attached"],
                held=len(held),
            ),
            *(f"{line['external_id']}: {line['reason']}" for line in held[:5]),
        ]
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "title": self.env._("Go live: %(service)s", service=self.name),
                "message": "\n".join(lines),
                "sticky": True,
                "type": "warning" if held else "success",
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    # ----------------------------------------------------------------- business
    def generate_key(self, name: str) -> str:
        """Create a write key and return its plaintext: the only time it can be read.

        Callable over RPC by billing managers.
        """
        self.ensure_one()
        self.check_access("write")
        return self.env["fusion.billing.api.key"]._generate(self, name)[1]

    def _now(self) -> datetime:
        """Naive UTC instant this service believes it is (test clock, else the real clock)."""
        self.ensure_one()
        return self.test_clock or fields.Datetime.now()

    def _today(self, tz: str | None = None) -> date:
        """Local day of :meth:`_now` in ``tz`` (default: the service's own timezone)."""
        zone = pytz.timezone(tz or self.timezone)
        return pytz.utc.localize(self._now()).astimezone(zone).date()

    def _create_technical_user(self) -> None:
        """Give the service its API identity: one group, no password, no e-mail, no mailbox."""
        self.ensure_one()
        user_sudo = (
            self.env["res.users"]
            .sudo()
            .with_context(no_reset_password=True, mail_create_nosubscribe=True)
            .create(
                {
                    "name": self.env._("%(service)s (API)", service=self.name),
                    "login": f"fusion-api-{self.code}",
                    "group_ids": [Command.set([self.env.ref(API_GROUP).id])],
                    "company_id": self.company_id.id,
                    "company_ids": [Command.set([self.company_id.id])],
                    "tz": self.timezone,
                }
            )
        )
        self.user_id = user_sudo.id
