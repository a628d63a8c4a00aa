"""What the app gets back for a counter, and for usage it added."""

from decimal import Decimal
from typing import Any

from odoo import models

from .. import engine
from ..engine.counter_item import CounterAnswer


class BillingSerializeCounter(models.AbstractModel):
    _inherit = "fusion.billing.serialize"

    def _counter(self, row: models.BaseModel, sent: Any, answer: CounterAnswer) -> dict[str, Any]:
        """A counter as it was sent, what it replaced, and what became of it."""
        return {
            "external_subscription_id": sent.external_subscription_id,
            "lago_subscription_id": self._id("subscription", row.subscription_id),
            "code": sent.code,
            "bucket": sent.bucket.text,
            "value": engine.plain(sent.value),
            "previous_value": None if answer.previous is None else engine.plain(answer.previous),
            "sequence": sent.sequence,
            "properties": sent.properties or {},
            "received_at": self._instant(row.received_at),
            "disposition": {"status": answer.status, "reason": answer.reason},
        }

    def _added_usage(
        self, event: models.BaseModel, value: Decimal, disposition: engine.Disposition
    ) -> dict[str, Any]:
        """The ledger's row, without the reserved property that carries the value."""
        shown = self._event(event)
        reserved = self.env["fusion.billing.counter"].VALUE
        return {
            **{name: shown[name] for name in ("lago_id", "transaction_id", "code", "timestamp")},
            "external_subscription_id": shown["external_subscription_id"],
            "lago_subscription_id": shown["lago_subscription_id"],
            "value": engine.plain(value),
            "properties": {k: v for k, v in shown["properties"].items() if k != reserved},
            "received_at": shown["created_at"],
            "disposition": {"status": disposition.status, "reason": disposition.reason},
        }
