"""Lago's past invoices → the record of what the app billed, which reconciliation compares."""

from decimal import Decimal
from typing import Any

from odoo import models

from .. import engine
from ..importers import lago_translate
from ..importers.errors import RowError
from ..importers.lago import Lago
from .import_report import ImportReport

TYPES = ("subscription", "progressive_billing")


class BillingImportLagoInvoices(models.AbstractModel):
    """Reference only: no invoice of Odoo's is made of one of Lago's."""

    _name = "fusion.billing.import.lago.invoices"
    _description = "Lago invoice import"

    def _import(
        self,
        service_sudo: models.BaseModel,
        source: Lago,
        zones: dict[str, str],
        report: ImportReport,
    ) -> None:
        """Keep every finalized subscription invoice with its fees, one request a new invoice.

        A finalized invoice does not change but for its payment, so one that is here is not read
        again.
        """
        model = self.env["fusion.billing.lago.record"]
        domain = [("service_id", "=", service_sudo.id), ("kind", "=", "invoice")]
        known = set(model.search(domain).mapped("external_id"))
        reference = self.env["fusion.billing.import.lago.reference"]
        record = self.env["fusion.billing.app.record"]
        for row in source.rows("invoices"):
            lago_id = str(row.get("lago_id") or "")
            if row.get("invoice_type") not in TYPES:
                reason = f"It is of type {row.get('invoice_type')}: it bills no subscription."
                report.add("invoices", lago_id, "skipped", reason)
                continue
            if lago_id in known:
                report.add("invoices", lago_id, "unchanged")
                continue
            customer = (row.get("customer") or {}).get("external_id")
            try:
                whole = source.one("invoices", lago_id, "invoice")
                items = lago_translate.invoices(whole, zones.get(customer, "UTC"), self._amount)
                record._record(service_sudo, items, "lago")
            except (RowError, ValueError, engine.Invalid) as error:
                report.add("invoices", lago_id, "failed", str(error))
                continue
            data = {"number": row.get("number"), "items": items}
            name = str(row.get("number") or lago_id)
            reference._keep(service_sudo, "invoice", lago_id, data, name=name)
            report.add("invoices", lago_id, "created")
        report.advance("invoices", sum(report.counts["invoices"].values()))

    def _amount(self, cents: Any, currency: str) -> str:
        """Minor units, also a part of one, as an exact decimal."""
        model = self.env["res.currency"].with_context(active_test=False)
        found = model.search([("name", "=", currency)], limit=1)
        if not found:
            raise RowError(f"There is no currency {currency}.")
        return engine.plain(Decimal(str(cents or 0)).scaleb(-found.decimal_places))
