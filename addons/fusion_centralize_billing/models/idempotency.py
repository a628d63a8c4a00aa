"""What was answered to a write that named itself: a repeat gets that answer, and writes nothing."""

import hashlib
from datetime import timedelta

from odoo import api, fields, models

from ..engine.errors import Invalid

KEPT = timedelta(days=30)
MAX_KEY = 255
BATCH = 10_000


class BillingIdempotency(models.Model):
    """One ``Idempotency-Key`` of one service. The unique index decides between two at once: the
    loser starts over and finds the winner's answer."""

    _name = "fusion.billing.idempotency"
    _description = "Billing Idempotency Key"
    _rec_name = "key"
    _order = "id desc"

    service_id = fields.Many2one(
        "fusion.billing.service", required=True, ondelete="cascade", index=True
    )
    key = fields.Char(required=True, help="As the app sent it.")
    fingerprint = fields.Char(required=True, help="Hash of the method, the path and the body.")
    status = fields.Integer(required=True, help="HTTP status of the answer.")
    answer = fields.Text(help="Body of the answer, as it was sent.")

    _key_uniq = models.UniqueIndex("(service_id, key)", "This key was used before.")
    _age_idx = models.Index("(create_date)")

    @api.model
    def _replay(self, service: models.BaseModel, key: str, fingerprint: str):
        """The row of this very request, or nothing if the key is new.

        :raises Invalid: the key came with another request before
        """
        if len(key) > MAX_KEY:
            raise Invalid.field("idempotency_key", "value_is_too_long")
        stored = self.search([("service_id", "=", service.id), ("key", "=", key)], limit=1)
        if stored and stored.fingerprint != fingerprint:
            raise Invalid.field("idempotency_key", "value_already_exist")
        return stored

    @api.model
    def _fingerprint(self, method: str, path: str, query: bytes, body: bytes) -> str:
        """Byte for byte: another spelling of the same is another request."""
        parts = (method.encode(), path.encode(), query, body)
        return hashlib.sha256(b"".join(b"%d:%s" % (len(p), p) for p in parts)).hexdigest()

    @api.autovacuum
    def _gc_old(self) -> tuple[int, bool]:
        """Forget answers after 30 days, some at a time."""
        before = fields.Datetime.now() - KEPT
        old = self.sudo().search([("create_date", "<", before)], limit=BATCH, order="id")
        old.unlink()
        return len(old), len(old) == BATCH
