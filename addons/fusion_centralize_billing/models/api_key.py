"""Bearer keys of a service: stored hashed, shown once, rotated with an overlap."""

import hashlib
import hmac
import secrets
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from . import rate_window

LAST_USED_PRECISION = timedelta(minutes=1)
ROTATION_OVERLAP = timedelta(hours=24)
# What a request needs of its key, read with the look-up itself.
READ = [
    "key_hash",
    "service_id",
    "scope",
    "expires_at",
    "revoked_at",
    "last_used_at",
    "own_rate_limit",
    "rate_limit",
]


class BillingApiKey(models.Model):
    """A secret that lets an app act as its service's technical user."""

    _name = "fusion.billing.api.key"
    _description = "Billing API Key"
    _order = "id desc"

    name = fields.Char(required=True, help="Where the key is used, e.g. “usage agent”.")
    prefix = fields.Char(
        readonly=True, help="How the key begins: tells keys of one service apart, opens nothing."
    )
    service_id = fields.Many2one(
        "fusion.billing.service", required=True, ondelete="cascade", index=True
    )
    key_hash = fields.Char(required=True, copy=False, groups="base.group_system")
    scope = fields.Selection(
        [("read", "Read only"), ("write", "Read and write")], required=True, default="write"
    )
    expires_at = fields.Datetime()
    revoked_at = fields.Datetime(readonly=True, copy=False)
    last_used_at = fields.Datetime(readonly=True, copy=False)
    own_rate_limit = fields.Boolean(
        string="Limit of its own", help="Instead of the service's limit."
    )
    rate_limit = fields.Integer(
        string="Requests in 10 s", help="Most requests of this key in ten seconds. 0 = no limit."
    )
    state = fields.Selection(
        [
            ("active", "Active"),
            ("expiring", "Expiring"),
            ("expired", "Expired"),
            ("revoked", "Revoked"),
        ],
        compute="_compute_state",
    )

    _key_hash_uniq = models.UniqueIndex("(key_hash)", "This key already exists.")

    _rate_limit_positive = models.Constraint(
        "CHECK (rate_limit >= 0)", "A limit is 0 (none) or more."
    )

    def init(self) -> None:
        """The table that requests are counted in."""
        rate_window.create_table(self.env.cr)

    @api.depends("expires_at", "revoked_at")
    def _compute_state(self) -> None:
        now = fields.Datetime.now()
        for key in self:
            if key.revoked_at:
                key.state = "revoked"
            elif not key.expires_at:
                key.state = "active"
            else:
                key.state = "expired" if key.expires_at <= now else "expiring"

    def copy_data(self, default: dict | None = None) -> list[dict]:
        raise UserError(self.env._("A key cannot be copied. Generate a new one."))

    def action_revoke(self) -> None:
        """Refuse these keys from now on. Revoking twice keeps the first instant."""
        self.filtered(lambda key: not key.revoked_at).revoked_at = fields.Datetime.now()

    def action_rotate(self) -> dict:
        """Ask how long this key shall work beside its successor."""
        self.ensure_one()
        return self.env["fusion.billing.api.key.wizard"]._action_rotate(self)

    def _rotate(self, overlap: timedelta = ROTATION_OVERLAP) -> tuple["BillingApiKey", str]:
        """Return ``(successor, plaintext)``; both keys are valid during the overlap.

        The successor has the same name, scope and limit. No overlap: the old one stops now.
        """
        self.ensure_one()
        if self.state in ("expired", "revoked"):
            raise UserError(self.env._("Only a key that still works can be rotated."))
        end = fields.Datetime.now() + overlap
        self.expires_at = min(self.expires_at, end) if self.expires_at else end
        successor, plaintext = self._generate(self.service_id, self.name, self.scope)
        successor.sudo().write(
            {"own_rate_limit": self.own_rate_limit, "rate_limit": self.rate_limit}
        )
        return successor, plaintext

    @api.model
    def _generate(self, service, name: str, scope: str = "write") -> tuple["BillingApiKey", str]:
        """Create a key for ``service`` and return ``(record, plaintext)``.

        The plaintext ``fbk_<service code>_<43 characters>`` carries 256 random bits and is never
        stored: whoever loses it makes a new one.
        """
        plaintext = f"fbk_{service.code}_{secrets.token_urlsafe(32)}"
        key_sudo = self.sudo().create(
            {
                "name": name,
                "service_id": service.id,
                "scope": scope,
                "prefix": plaintext[:-37],
                "key_hash": self._hash(plaintext),
            }
        )
        return key_sudo.sudo(self.env.su), plaintext

    @api.model
    def _authenticate(self, plaintext: str) -> "BillingApiKey":
        """Return the usable key (sudo) with this plaintext, or an empty recordset."""
        digest = self._hash(plaintext or "")
        key_sudo = self.sudo().search_fetch([("key_hash", "=", digest)], READ, limit=1)
        if not key_sudo or not hmac.compare_digest(key_sudo.key_hash, digest):
            return self.sudo().browse()
        if key_sudo.state not in ("active", "expiring") or not key_sudo.service_id.active:
            return self.sudo().browse()
        key_sudo._touch()
        return key_sudo

    def _count_request(self) -> rate_window.Rate | None:
        """Count a request and commit that; None if neither the key nor its service has a limit."""
        self.ensure_one()
        limit = self.rate_limit if self.own_rate_limit else self.service_id.rate_limit
        if not limit:
            return None
        with rate_window.own_cursor(self.env) as cr:
            return rate_window.count(cr, self.id, limit)

    def _touch(self) -> None:
        """Record the use, at most once a minute and never waiting for another request."""
        self.ensure_one()
        now = fields.Datetime.now()
        if self.last_used_at and self.last_used_at > now - LAST_USED_PRECISION:
            return
        used = SQL(
            """UPDATE fusion_billing_api_key SET last_used_at = %s
                WHERE id IN (SELECT id FROM fusion_billing_api_key
                              WHERE id = %s FOR NO KEY UPDATE SKIP LOCKED)""",
            now,
            self.id,
        )
        if self.env.cr.readonly:
            with rate_window.own_cursor(self.env) as cr:
                cr.execute(used)
        else:
            self.env.cr.execute(used)
        self.invalidate_recordset(["last_used_at"])

    @staticmethod
    def _hash(plaintext: str) -> str:
        return hashlib.sha256(plaintext.encode()).hexdigest()
