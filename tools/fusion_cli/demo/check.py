"""Compare what Odoo posted with what the apps' own arithmetic says, to the cent.

`expected_invoices.json` is made by the pilot in plain Python with its own tax table. Neither side
has seen the other's figures.
"""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

from .. import console
from ..errors import Failed
from .rpc import OdooSession
from .world import CLOCK_START

CUT_OVER = CLOCK_START[:10]
SHOWN_DIFFERENCES = 20
# What the pilot calls a tax, by the name Odoo's Canadian chart prints on the tax line.
TAX_NAMES = {"GST": "GST", "HST": "HST", "QST": "QST", "PST": "PST"}
_OURS = [["state", "=", "posted"], ["move_type", "in", ["out_invoice", "out_refund"]]]
_MOVE = ["name", "x_fc_service_id", "invoice_date", "currency_id", "amount_untaxed", "amount_tax",
         "amount_total"]  # fmt: skip
_LINE = ["move_id", "display_type", "price_subtotal", "amount_currency", "x_fc_trace",
         "subscription_id", "tax_line_id"]  # fmt: skip


def posted_invoices(odoo: OdooSession, service_codes: list[str]) -> dict[tuple, dict]:
    """Posted invoices by (service, external subscription, date), in the expected file's shape."""
    ours = [*_OURS, ["x_fc_service_id.code", "in", service_codes]]
    moves = odoo.read("account.move", ours, _MOVE)
    domain = [
        ["move_id", "in", [move["id"] for move in moves]],
        ["display_type", "in", ["product", "tax"]],
    ]
    lines = odoo.read("account.move.line", domain, _LINE)
    wanted = sorted({line["subscription_id"][0] for line in lines if line["subscription_id"]})
    orders = _by_id(odoo.read("sale.order", [["id", "in", wanted]], ["x_fc_external_id"]))
    codes = [["code", "in", service_codes]]
    services = _by_id(odoo.read("fusion.billing.service", codes, ["code"]))
    grouped: dict[int, list[dict]] = {}
    for line in lines:
        grouped.setdefault(line["move_id"][0], []).append(line)
    found: dict[tuple, dict] = {}
    for move in moves:
        entry = _invoice(move, grouped.get(move["id"], []), orders)
        service = services[move["x_fc_service_id"][0]]["code"]
        key = (service, entry["subscription"], move["invoice_date"])
        if key in found:
            raise Failed(f"Two invoices for one subscription and date: {key}.")
        found[key] = entry
    return found


def compare(found: dict[tuple, dict], expected_file: Path) -> int:
    """Raise unless every expected invoice was posted as it should be, and no other."""
    rows = json.loads(expected_file.read_text(encoding="utf-8"))
    expected = {_key(row): row for row in rows if not billed_by_the_app(row)}
    problems = [f"missing in Odoo: {key}" for key in expected.keys() - found.keys()]
    problems += [f"not expected: {key}" for key in found.keys() - expected.keys()]
    for key in sorted(expected.keys() & found.keys()):
        problems += _differences(key, expected[key], found[key])
    if problems:
        for problem in sorted(problems)[:SHOWN_DIFFERENCES]:
            console.say(f"  {problem}")
        raise Failed(
            f"{len(problems)} differences between Odoo and {expected_file.name}.",
            "Not one cent may differ. See the lines above.",
        )
    return len(expected)


def billed_by_the_app(row: dict) -> bool:
    """Whether NexaCloud itself had billed it before the cut-over."""
    return row["service"] == "nexacloud" and row["invoice_date"] <= CUT_OVER


def _key(row: dict) -> tuple:
    return row["service"], row["external_subscription_id"], row["invoice_date"]


def _by_id(rows: list[dict]) -> dict[int, dict]:
    return {row["id"]: row for row in rows}


def _money(value: float | str) -> Decimal:
    # JSON-RPC carries Odoo's floats; their shortest text form is exact to the cent.
    return Decimal(str(value)).quantize(Decimal("0.01"))


def _invoice(move: dict, lines: list[dict], orders: dict[int, dict]) -> dict:
    kinds: dict[str, Decimal] = {}
    taxes: dict[str, Decimal] = {}
    subscription = None
    for line in lines:
        if line["display_type"] == "tax":
            name = _tax_name(line["tax_line_id"][1])
            taxes[name] = taxes.get(name, Decimal(0)) - _money(line["amount_currency"])
            continue
        if line["subscription_id"]:
            subscription = orders[line["subscription_id"][0]]["x_fc_external_id"]
        kind = line["x_fc_trace"]["charge"]["metric_code"] if line["x_fc_trace"] else "base"
        kinds[kind] = kinds.get(kind, Decimal(0)) + _money(line["price_subtotal"])
    return {
        "subscription": subscription,
        "currency": move["currency_id"][1],
        "lines": kinds,
        "taxes": taxes,
        "untaxed": _money(move["amount_untaxed"]),
        "tax": _money(move["amount_tax"]),
        "total": _money(move["amount_total"]),
    }


def _tax_name(label: str) -> str:
    for word, name in TAX_NAMES.items():
        if word in label:
            return name
    return label


def _differences(key: tuple, expected: dict, found: dict) -> list[str]:
    wanted = {
        "currency": expected["currency"],
        "lines": _nonzero({line["kind"]: _money(line["amount"]) for line in expected["lines"]}),
        "taxes": _nonzero({name: _money(amount) for name, amount in expected["taxes"].items()}),
        **{name: _money(expected[name]) for name in ("untaxed", "tax", "total")},
    }
    actual = {**found, "lines": _nonzero(found["lines"]), "taxes": _nonzero(found["taxes"])}
    return [
        f"{key}: {name} is {_show(actual[name])}, expected {_show(wanted[name])}"
        for name in wanted
        if actual[name] != wanted[name]
    ]


def _nonzero(amounts: dict[str, Decimal]) -> dict[str, Decimal]:
    return {name: amount for name, amount in amounts.items() if amount}


def _show(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {amount}" for name, amount in sorted(value.items())) or "nothing"
    return str(value)
