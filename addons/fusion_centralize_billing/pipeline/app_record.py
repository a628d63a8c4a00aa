"""Writes down what an app billed by itself. One door for API, files, databases and Lago."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from odoo import Command, api, models

from ..engine import D, Invalid, plain
from ..engine.reconcile import KINDS

OUTCOMES = ("created", "updated", "unchanged", "signed_off")
NUMBERS = ("quantity", "unit_amount", "amount", "rate")


class BillingAppRecord(models.AbstractModel):
    _name = "fusion.billing.app.record"
    _description = "Record of What an App Billed"

    @api.model
    def _record(
        self, service: models.BaseModel, items: Sequence[Mapping[str, Any]], source: str = "api"
    ) -> dict[str, Any]:
        """Create or change the app's invoices; the same again changes nothing.

        :param items: ``{external_invoice_id, external_subscription_id, external_customer_id?,
            period_start, period_end, issued_on?, currency, lines: [{kind, code?, name?, quantity?,
            unit_amount?, amount, rate?}]}``: dates as `date` or ISO text, `period_end` exclusive,
            numbers as exact text
        :param source: ``api``, ``database``, ``stripe``, ``csv`` or ``lago``
        :return: ``{"created", "updated", "unchanged", "signed_off": counts, "ids", "outcomes": in
            order}``;
            an invoice of a period that was signed off stays as it is, a new one of it is not kept
            (its id is False)
        :raise Invalid: every wrong field by index, ``{"0.lines.1.amount": ["value_is_invalid"]}``;
            nothing is written then
        """
        service.ensure_one()
        parsed = self._parsed(items)
        invoices_sudo = self.env["fusion.billing.app.invoice"].sudo()
        names = [values["external_invoice_id"] for values in parsed]
        domain = [("service_id", "=", service.id), ("external_invoice_id", "in", names)]
        known = {row.external_invoice_id: row for row in invoices_sudo.search(domain)}
        signed = self._signed(service, parsed, known.values())
        owners = self._owners(service, parsed)
        ids: list[int] = []
        outcomes: list[str] = []
        changed = invoices_sudo.browse()
        for values in parsed:
            values |= {"service_id": service.id, "source": source}
            order_sudo = owners.get(values["external_subscription_id"])
            values["order_id"] = order_sudo.id if order_sudo else False
            values["link_id"] = order_sudo.x_fc_link_id.id if order_sudo else False
            row = known.get(values["external_invoice_id"], invoices_sudo)
            outcome, row = self._write_one(row, values, signed)
            outcomes.append(outcome)
            ids.append(row.id)
            changed |= row if outcome in ("created", "updated") else row.browse()
        self.env["fusion.billing.app.alarm"]._look(changed)
        report = {name: outcomes.count(name) for name in OUTCOMES}
        return {**report, "ids": ids, "outcomes": outcomes}

    def _write_one(
        self, row: models.BaseModel, values: dict[str, Any], signed: set[tuple[str, date]]
    ) -> tuple[str, models.BaseModel]:
        if row.digest == values["digest"]:
            return "unchanged", row
        periods = {(values["external_subscription_id"], values["period_start"])}
        if row:
            periods.add((row.external_subscription_id, row.period_start))
        if periods & signed:
            return "signed_off", row
        if not row:
            return "created", row.create(values)
        row.write({**values, "line_ids": [Command.clear(), *values["line_ids"]]})
        return "updated", row

    def _signed(
        self, service: models.BaseModel, parsed: list[dict], known: Any
    ) -> set[tuple[str, date]]:
        """Subscription and start of the periods that nothing may change any more."""
        names = {values["external_subscription_id"] for values in parsed}
        names |= {row.external_subscription_id for row in known}
        rows_sudo = self.env["fusion.billing.reconciliation"].sudo()
        found = rows_sudo.search(
            [
                ("service_id", "=", service.id),
                ("external_subscription_id", "in", sorted(names)),
                ("state", "=", "signed_off"),
            ]
        )
        return {(row.external_subscription_id, row.period_start) for row in found}

    def _owners(self, service: models.BaseModel, parsed: list[dict]) -> dict[str, Any]:
        """The subscriptions (sudo) by the app's id; of several the newest."""
        names = sorted({values["external_subscription_id"] for values in parsed})
        domain = [("x_fc_service_id", "=", service.id), ("x_fc_external_id", "in", names)]
        found = self.env["sale.order"].sudo().search(domain, order="id")
        return {order.x_fc_external_id: order for order in found}

    # ------------------------------------------------------------------ reading
    def _parsed(self, items: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        names = sorted({str(item.get("currency") or "") for item in items})
        currencies_sudo = self.env["res.currency"].sudo().with_context(active_test=False)
        found = currencies_sudo.search([("name", "in", names)])
        currencies = {row.name: row.id for row in found}
        parsed: list[dict[str, Any]] = []
        errors: dict[str, list[str]] = {}
        seen: set[str] = set()
        for index, item in enumerate(items):
            try:
                values = _invoice(item, currencies)
            except Invalid as error:
                errors |= {f"{index}.{name}": codes for name, codes in error.details.items()}
                continue
            if values["external_invoice_id"] in seen:
                errors[f"{index}.external_invoice_id"] = ["value_already_exist"]
            seen.add(values["external_invoice_id"])
            parsed.append(values)
        if errors:
            raise Invalid(errors)
        return parsed


def _invoice(item: Mapping[str, Any], currencies: Mapping[str, int]) -> dict[str, Any]:
    """:raise Invalid: naming every wrong field of the invoice and its lines."""
    errors: dict[str, list[str]] = {}
    values: dict[str, Any] = {"external_customer_id": item.get("external_customer_id") or False}
    for name in ("external_invoice_id", "external_subscription_id"):
        values[name] = str(item.get(name) or "")
        if not values[name]:
            errors[name] = ["value_is_mandatory"]
    for name in ("period_start", "period_end", "issued_on"):
        try:
            values[name] = _day(item.get(name), required=name != "issued_on")
        except (TypeError, ValueError):
            errors[name] = ["value_is_invalid"]
    if not errors and values["period_start"] >= values["period_end"]:
        errors["period_end"] = ["value_is_out_of_range"]
    if item.get("currency") not in currencies:
        errors["currency"] = ["value_is_invalid"]
    lines = [_line(line, f"lines.{i}", errors) for i, line in enumerate(item.get("lines") or ())]
    if errors:
        raise Invalid(errors)
    content = json.dumps([values, item["currency"], lines], default=str, sort_keys=True)
    return {
        **values,
        "currency_id": currencies[item["currency"]],
        "digest": hashlib.sha256(content.encode()).hexdigest(),
        "line_ids": [Command.create(line) for line in lines],
    }


def _line(line: Mapping[str, Any], path: str, errors: dict[str, list[str]]) -> dict[str, Any]:
    values: dict[str, Any] = {"kind": line.get("kind"), "told": {}}
    if values["kind"] not in KINDS:
        errors[f"{path}.kind"] = ["value_is_invalid"]
    values |= {name: line.get(name) or False for name in ("code", "name")}
    for name in NUMBERS:
        if line.get(name) in (None, ""):
            continue
        try:
            exact = D(line[name])
        except (Invalid, TypeError):
            errors[f"{path}.{name}"] = ["value_is_invalid"]
            continue
        values["told"][name] = plain(exact)
        values[name] = float(exact)
    if "amount" not in values:
        errors.setdefault(f"{path}.amount", ["value_is_mandatory"])
    return values


def _day(value: date | str | None, *, required: bool) -> date | bool:
    if not value and not required:
        return False
    return value if isinstance(value, date) else date.fromisoformat(value or "")
