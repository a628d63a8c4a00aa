"""NexaCloud's columns, as data: a renamed column is a setting, not a release.

The setting is JSON, one entry a table, only what differs from the defaults below::

    {"users": {"columns": {"full_name": "display_name", "phone": null}},
     "plans": {"table": "billing.plans"}}

``null`` says "the app has no such column": allowed for every column that is not required.
"""

import json
import re
from collections.abc import Container, Mapping
from dataclasses import dataclass, replace
from typing import Any

from .errors import SourceError

PARAMETER = "fusion_billing.nexacloud_mapping"

TABLES: dict[str, tuple[str, ...]] = {
    "users": (
        "id", "email", "full_name", "company_name", "phone", "address_line1", "address_line2",
        "city", "province", "postal_code", "country", "tax_number", "timezone", "locale",
        "stripe_customer_id", "is_active", "created_at",
    ),
    "plans": (
        "id", "code", "name", "description", "interval", "price_cents", "currency",
        "pay_in_advance", "included_bandwidth_gb", "overage_bandwidth_price",
        "included_build_minutes", "overage_build_price", "storage_tiers", "is_public",
        "created_at",
    ),
    "subscriptions": (
        "id", "user_id", "plan_id", "status", "started_at", "trial_ends_at",
        "current_period_start", "current_period_end", "cancelled_at", "stripe_subscription_id",
        "created_at", "coupon_code", "coupon_percent_off", "coupon_amount_off_cents",
        "coupon_ends_at",
    ),
    "deployments": (
        "id", "subscription_id", "name", "region", "size", "status", "created_at", "deleted_at",
    ),
}  # fmt: skip
# What the app billed by itself, for the dual run. Read apart from the import.
INVOICE_TABLES: dict[str, tuple[str, ...]] = {
    "invoices": (
        "id", "user_id", "subscription_id", "invoice_date", "currency", "untaxed", "tax", "taxes",
    ),
    "invoice_lines": (
        "id", "invoice_id", "kind", "period_start", "period_end", "quantity", "amount",
    ),
}  # fmt: skip
# The hourly counters, for a service whose usage is pulled.
USAGE_TABLES: dict[str, tuple[str, ...]] = {
    "usage_counters": (
        "subscription_id", "deployment_id", "metric", "hour", "quantity", "revision",
    ),
}  # fmt: skip
REQUIRED: dict[str, frozenset[str]] = {
    "usage_counters": frozenset(
        {"subscription_id", "deployment_id", "metric", "hour", "quantity", "revision"}
    ),
    "invoices": frozenset({"id", "subscription_id", "invoice_date", "currency"}),
    "invoice_lines": frozenset({"invoice_id", "kind", "period_start", "period_end", "amount"}),
    "users": frozenset({"id", "email", "province", "country"}),
    "plans": frozenset({"id", "code", "name", "interval", "price_cents", "currency"}),
    "subscriptions": frozenset(
        {"id", "user_id", "plan_id", "status", "started_at"}
        | {"current_period_start", "current_period_end"}
    ),
    "deployments": frozenset({"id", "subscription_id"}),
}
KNOWN = TABLES | INVOICE_TABLES | USAGE_TABLES
# Newer than the rest: an app that has none of these simply gives no coupons.
OPTIONAL = frozenset(name for name in TABLES["subscriptions"] if name.startswith("coupon_"))
# At most schema.table; anything else could smuggle SQL into the statement.
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_$]*")


@dataclass(frozen=True, slots=True)
class TableMapping:
    """Where one entity lives: ``table`` may carry a schema, ``columns`` is ours → theirs."""

    entity: str
    table: str
    columns: dict[str, str | None]

    def without_absent(self, found: Container[str]) -> "TableMapping":
        """The mapping with the optional columns that the app does not have set to null."""
        columns = {
            ours: None if ours == theirs and ours in OPTIONAL and ours not in found else theirs
            for ours, theirs in self.columns.items()
        }
        return replace(self, columns=columns)

    @property
    def present(self) -> dict[str, str]:
        """The columns the app has, ours → theirs."""
        return {ours: theirs for ours, theirs in self.columns.items() if theirs is not None}


def load(
    setting: str | None, wanted: Mapping[str, tuple[str, ...]] | None = None
) -> dict[str, TableMapping]:
    """Return the mapping of every entity, the defaults overlaid with the setting (JSON).

    :param wanted: ``TABLES``, the default, or ``INVOICE_TABLES``: one setting has both
    :raise SourceError: the setting is no JSON, or names something that does not exist.

    >>> load('{"users": {"columns": {"full_name": "display_name"}}}')["users"].columns["full_name"]
    'display_name'
    """
    overrides = _parse(setting)
    problems = [f"{PARAMETER}: there is no table “{name}”." for name in overrides.keys() - KNOWN]
    tables = {}
    for entity, columns in (TABLES if wanted is None else wanted).items():
        override = overrides.get(entity) or {}
        renamed = override.get("columns") or {}
        table = override.get("table") or entity
        problems += _problems(entity, table, renamed)
        tables[entity] = TableMapping(
            entity, table, {name: name for name in columns} | dict(renamed)
        )
    if problems:
        raise SourceError(sorted(problems))
    return tables


def dump(tables: Mapping[str, str], columns: Mapping[tuple[str, str], str | None]) -> str:
    """Return the setting that says this: only what differs from the defaults.

    :param tables: the app's table of each entity
    :param columns: the app's column of each (entity, column of ours); None: it has no such column

    >>> dump({"users": "users"}, {("users", "full_name"): "display_name", ("users", "id"): "id"})
    '{"users": {"columns": {"full_name": "display_name"}}}'
    """
    setting: dict[str, dict[str, Any]] = {}
    for entity, table in tables.items():
        if table != entity:
            setting.setdefault(entity, {})["table"] = table
    for (entity, ours), theirs in columns.items():
        if theirs != ours:
            setting.setdefault(entity, {}).setdefault("columns", {})[ours] = theirs
    return json.dumps(setting) if setting else ""


def _parse(setting: str | None) -> dict[str, Any]:
    if not setting or not setting.strip():
        return {}
    try:
        overrides = json.loads(setting)
    except ValueError as error:
        raise SourceError(f"{PARAMETER} is not valid JSON: {error}.") from error
    well_formed = isinstance(overrides, dict) and all(
        isinstance(override, dict) and isinstance(override.get("columns") or {}, dict)
        for override in overrides.values()
    )
    if not well_formed:
        raise SourceError(
            f'{PARAMETER} must look like {{"users": {{"columns": {{"full_name": "name"}}}}}}.'
        )
    return overrides


def _problems(entity: str, table: object, renamed: Mapping[str, object]) -> list[str]:
    problems = []
    parts = table.split(".") if isinstance(table, str) else []
    if not 1 <= len(parts) <= 2 or not all(_IDENTIFIER.fullmatch(part) for part in parts):
        problems.append(f"{PARAMETER}: “{table}” is no table name.")
    for ours, theirs in renamed.items():
        if ours not in KNOWN[entity]:
            problems.append(f"{PARAMETER}: {entity} has no column “{ours}”.")
        elif theirs is None and ours in REQUIRED[entity]:
            problems.append(f"{PARAMETER}: {entity}.{ours} is needed and cannot be null.")
        elif theirs is not None and not (isinstance(theirs, str) and _IDENTIFIER.fullmatch(theirs)):
            problems.append(f"{PARAMETER}: “{theirs}” is no column name.")
    return problems
