"""Bearer keys of a service: stored hashed, shown once, rotated with an overlap."""

import hashlib
import hmac
import secrets
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

LAST_USED_PRECISION = timedelta(minutes=1)
ROTATION_OVERLAP = timedelta(hours=24)


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
        """Make a successor and let this key work for 24 more hours."""
        self.ensure_one()
        _key, plaintext = self._rotate()
        return self.env["fusion.billing.api.key.wizard"]._action_show(self.service_id, plaintext)

    def _rotate(self) -> tuple["BillingApiKey", str]:
        """Return ``(successor, plaintext)``; both keys are valid during the overlap."""
        self.ensure_one()
        if self.state in ("expired", "revoked"):
            raise UserError(self.env._("Only a key that still works can be rotated."))
        end = fields.Datetime.now() + ROTATION_OVERLAP
        self.expires_at = min(self.expires_at, end) if self.expires_at else end
        return self._generate(self.service_id, self.name, self.scope)

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
        key_sudo = self.sudo().search([("key_hash", "=", digest)], limit=1)
        if not key_sudo or not hmac.compare_digest(key_sudo.key_hash, digest):
            return self.sudo().browse()
        if key_sudo.state not in ("active", "expiring") or not key_sudo.service_id.active:
            return self.sudo().browse()
        key_sudo._touch()
        return key_sudo

    def _touch(self) -> None:
        """Record the use, at most once a minute and never waiting for another request."""
        self.ensure_one()
        now = fields.Datetime.now()
        if self.last_used_at and self.last_used_at > now - LAST_USED_PRECISION:
            return
        if self.env.cr.readonly:
            return
        self.env.cr.execute(
            SQL(
                """UPDATE fusion_billing_api_key SET last_used_at = %s
                    WHERE id IN (SELECT id FROM fusion_billing_api_key
                                  WHERE id = %s FOR NO KEY UPDATE SKIP LOCKED)""",
                now,
                self.id,
            )
        )
        self.invalidate_recordset(["last_used_at"])

    @staticmethod
    def _hash(plaintext: str) -> str:
        return hashlib.sha256(plaintext.encode()).hexdigest()
