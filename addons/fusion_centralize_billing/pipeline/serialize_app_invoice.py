"""What an app billed by itself, as the API tells it. Not in Lago."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from odoo import models

from ..engine import D, plain
from .app_record import NUMBERS

TEXTS = ("external_invoice_id", "external_subscription_id", "external_customer_id")
DAYS = ("period_start", "period_end", "issued_on")


class BillingSerializeAppInvoice(models.AbstractModel):
    _inherit = "fusion.billing.serialize"

    def _app_invoice(self, invoice: models.BaseModel) -> dict[str, Any]:
        """One that is recorded, from its exact figures, not from the columns of the screens."""
        lines = [
            {"kind": line.kind, "code": line.code, "name": line.name, **line.told}
            for line in invoice.line_ids
        ]
        values = {name: invoice[name] for name in (*TEXTS, *DAYS, "source")}
        return self._app_invoice_sent(
            {**values, "currency": invoice.currency_id.name, "lines": lines}
        )

    def _app_invoice_sent(self, item: Mapping[str, Any]) -> dict[str, Any]:
        """The same of an item in the shape of ``fusion.billing.app.record._record``."""
        lines = [_line(line) for line in item["lines"]]
        sums = {
            kind: sum(
                D(line["amount"]) for line in lines if (line["kind"] == "tax") == (kind == "tax")
            )
            for kind in ("untaxed", "tax")
        }
        return {
            **{name: item[name] or None for name in TEXTS},
            **{name: self._day(item[name]) for name in DAYS},
            "currency": item["currency"],
            **{kind: plain(Decimal(amount)) for kind, amount in sums.items()},
            "total": plain(Decimal(sum(sums.values()))),
            "source": item.get("source") or "api",
            "lines": lines,
        }


def _line(line: Mapping[str, Any]) -> dict[str, Any]:
    told = {name: line.get(name) for name in NUMBERS}
    return {
        "kind": line["kind"],
        "code": line.get("code") or None,
        "name": line.get("name") or None,
        **{name: None if value is None else plain(D(value)) for name, value in told.items()},
    }
