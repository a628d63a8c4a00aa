"""What Lago holds and this system does not bill: taxes, coupons, wallets. Kept, and held."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from odoo import models

from ..importers.lago import Lago
from .import_report import ImportReport
from .upsert import changes

WAITS = "Its subscriptions do not go live before somebody decides: Fusion Billing, Lago Credits."


class BillingImportLagoReference(models.AbstractModel):
    """Writes ``fusion.billing.lago.record`` and nothing else."""

    _name = "fusion.billing.import.lago.reference"
    _description = "Lago reference import"

    def _keep(
        self, service_sudo: models.BaseModel, kind: str, external_id: str, row: dict, **vals: Any
    ) -> tuple[models.BaseModel, str]:
        """Keep Lago's word on one object: the record and created, updated or unchanged."""
        model = self.env["fusion.billing.lago.record"].with_context(tracking_disable=True)
        data = _plain(row)
        domain = [("service_id", "=", service_sudo.id), ("kind", "=", kind)]
        record = model.search([*domain, ("external_id", "=", external_id)], limit=1)
        if record and record.data == data and not changes(record, vals):
            return record, "unchanged"
        vals = {"data": data, "name": str(row.get("name") or external_id)} | vals
        if record:
            record.write(vals)
            return record, "updated"
        own = {"service_id": service_sudo.id, "kind": kind, "external_id": external_id}
        return model.create(own | vals), "created"

    def _taxes(
        self, service_sudo: models.BaseModel, rows: Iterable[dict], report: ImportReport
    ) -> None:
        """Say which tax of ours has the rate. None is made: what is due is the fiscal position's
        to say, and a tax without its accounts and tax grid would only look right."""
        domain = [
            ("company_id", "=", service_sudo.company_id.id),
            ("type_tax_use", "=", "sale"),
            ("amount_type", "in", ("percent", "group")),
        ]
        taxes = self.env["account.tax"].search(domain)
        for row in rows:
            code, rate = str(row.get("code") or ""), Decimal(str(row.get("rate") or 0))
            same = taxes.filtered(lambda tax, rate=rate: _rate(tax) == rate)
            named = same.filtered(lambda tax, row=row: tax.name == row.get("name")) or same
            names = ", ".join(named.mapped("name"))
            _record, outcome = self._keep(service_sudo, "tax", code, row, value=names or False)
            if same:
                reason = (
                    f"{rate.normalize():f} % is here: {names}. The customer's province decides."
                )
                report.add("taxes", code, outcome, reason, "info")
            else:
                reason = f"No sale tax here has {rate.normalize():f} %. None was made."
                report.add("taxes", code, outcome, reason, "warning")
        report.advance("taxes", sum(report.counts["taxes"].values()))

    def _coupons(
        self, service_sudo: models.BaseModel, rows: Iterable[dict], report: ImportReport
    ) -> None:
        for row in rows:
            live = row.get("status") == "active"
            value = _coupon_text(row) if live else ""
            self._held(service_sudo, "coupon", row, value, report)
        report.advance("coupons", sum(report.counts["coupons"].values()))

    def _wallets(
        self,
        service_sudo: models.BaseModel,
        source: Lago,
        customers: list[str],
        report: ImportReport,
    ) -> None:
        """Lago lists wallets a customer at a time, and only so."""
        for external_id in customers:
            for row in source.pages("wallets", [("external_customer_id", external_id)]):
                cents = int(row.get("balance_cents") or 0)
                live = row.get("status") == "active" and cents
                value = f"{cents} minor units of {row.get('currency')}" if live else ""
                if live and (currency := self._currency(row.get("currency"))):
                    amount = Decimal(cents).scaleb(-currency.decimal_places)
                    value = f"{amount} {currency.name} left"
                self._held(
                    service_sudo,
                    "wallet",
                    {"external_customer_id": external_id} | row,
                    value,
                    report,
                )

    def _held(
        self, service_sudo: models.BaseModel, kind: str, row: dict, value: str, report: ImportReport
    ) -> None:
        """Keep a customer's credit; with a value left it waits for a decision, again when what
        is left has changed since somebody decided."""
        customer = str(row.get("external_customer_id") or "")
        lago_id, name = str(row.get("lago_id") or ""), row.get("name") or row.get("coupon_name")
        domain = [("service_id", "=", service_sudo.id), ("external_id", "=", customer)]
        link = self.env["fusion.billing.account.link"].search(domain, limit=1)
        model = self.env["fusion.billing.lago.record"]
        own = [("kind", "=", kind), ("external_id", "=", lago_id)]
        before = model.search([("service_id", "=", service_sudo.id), *own], limit=1)
        vals = {"link_id": link.id, "value": value or False, "name": name or lago_id}
        if not before or (before.value or "") != value:
            vals["decision"] = "pending" if value else "none"
        record, outcome = self._keep(service_sudo, kind, lago_id, row, **vals)
        waits = record.decision == "pending"
        reason = f"Customer {customer}: {value}. {WAITS}" if waits else ""
        report.add(f"{kind}s", lago_id, outcome, reason, "warning" if waits else "")

    def _currency(self, code: str | None) -> models.BaseModel:
        model = self.env["res.currency"].with_context(active_test=False)
        return model.search([("name", "=", code)], limit=1)


def _rate(tax: models.BaseModel) -> Decimal:
    parts = tax.children_tax_ids if tax.amount_type == "group" else tax
    return sum((Decimal(repr(part.amount)) for part in parts), Decimal(0))


def _coupon_text(row: dict) -> str:
    if row.get("percentage_rate"):
        what = f"{row['percentage_rate']} %"
    else:
        left = row.get("amount_cents_remaining")
        cents = row.get("amount_cents") if left is None else left
        what = f"{cents} minor units of {row.get('amount_currency')}"
    duration = row.get("frequency_duration_remaining")
    often = f"{row.get('frequency')}, {duration} more times" if duration else row.get("frequency")
    return f"{what} off ({often})"


def _plain(value: Any) -> Any:
    """JSON-safe: an exact number stays exact as text."""
    if isinstance(value, dict):
        return {key: _plain(own) for key, own in value.items()}
    if isinstance(value, list):
        return [_plain(own) for own in value]
    return str(value) if isinstance(value, Decimal) else value
