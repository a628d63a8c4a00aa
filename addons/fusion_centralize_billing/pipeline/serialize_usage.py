"""Lago's current usage and event: what was pushed, and what it would cost now."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from odoo import models

from .. import engine
from .gate import to_decimal
from .rate import CurrentCharge, CurrentUsage
from .serialize_catalog import AGGREGATION_TYPES
from .serialize_price import CHARGE_MODELS


class BillingSerializeUsage(models.AbstractModel):
    _inherit = "fusion.billing.serialize"

    def _usage(
        self,
        order: models.BaseModel,
        now: datetime,
        apply_taxes: bool = True,
        only: Mapping[str, str] | None = None,
        group: Mapping[str, str] | None = None,
        grouping: bool = True,
    ) -> dict[str, Any]:
        """The running period: every charge, at zero too; never the subscription's own fee.

        :param only: ``charge_id``, ``charge_code``, ``billable_metric_code``: just these charges
        :param group: just charges grouped by these properties, and their groups of these values
        :param grouping: False: no charge says its groups
        """
        order_sudo = order.sudo()
        current = self.env["fusion.billing.rate"]._current_usage(order_sudo, now)
        charges = [found for found in current.charges if self._is_wanted(found, only or {})]
        if group:
            charges = [part for found in charges if (part := _of_group(found, group))]
        tz, currency = self._zone(order_sudo), current.currency
        amount = sum((found.amount for found in charges), Decimal(0))
        taxes = self._usage_taxes(order_sudo, charges) if apply_taxes else Decimal(0)
        return {
            "from_datetime": self._starts(current.period.start, tz),
            "to_datetime": self._ends(current.period.end, tz),
            "issuing_date": self._day(current.period.end),
            "currency": currency.name,
            "amount_cents": self._cents(amount, currency),
            "taxes_amount_cents": self._cents(taxes, currency),
            "total_amount_cents": self._cents(amount + taxes, currency),
            "lago_invoice_id": None,
            "charges_usage": [self._charge_usage(found, current, grouping) for found in charges],
        }

    def _is_wanted(self, found: CurrentCharge, only: Mapping[str, str]) -> bool:
        actual = {
            "charge_id": self._id("charge", found.charge),
            "charge_code": found.charge.code,
            "billable_metric_code": found.charge.metric_id.code,
        }
        return all(actual[name] == value for name, value in only.items())

    def _charge_usage(
        self, found: CurrentCharge, current: CurrentUsage, grouping: bool = True
    ) -> dict[str, Any]:
        """One charge: its sum, with what its minimum or cap adds, then its filters and groups."""
        charge, metric = found.charge, found.charge.metric_id
        grouped = grouping and bool(charge._group_keys())
        return {
            "units": self._decimal(found.quantity),
            "total_aggregated_units": self._decimal(found.usage.measured),
            "events_count": found.usage.count,
            "amount_cents": self._cents(found.amount, current.currency),
            "amount_currency": current.currency.name,
            "pricing_unit_details": None,
            "charge": {
                "lago_id": self._id("charge", charge),
                "code": charge.code,
                "charge_model": CHARGE_MODELS[charge.model],
                "invoice_display_name": charge.name,
            },
            "billable_metric": {
                "lago_id": self._id("metric", metric),
                "name": metric.name,
                "code": metric.code,
                "aggregation_type": AGGREGATION_TYPES[metric.aggregation],
            },
            "filters": [] if grouped else self._filters(found.buckets, found, current),
            "grouped_usage": self._grouped(found, current) if grouped else [],
            "presentation_breakdowns": [],
        }

    def _units(self, lines: list[engine.RatedLine], current: CurrentUsage) -> dict[str, Any]:
        """What some lines of one charge were used for and cost together."""
        usages = [line.usage for line in lines if line.usage]
        return {
            "units": self._decimal(sum((line.quantity for line in lines), Decimal(0))),
            "total_aggregated_units": self._decimal(
                sum((usage.measured for usage in usages), Decimal(0))
            ),
            "events_count": sum(usage.count for usage in usages),
            "amount_cents": self._cents(
                sum((line.amount for line in lines), Decimal(0)), current.currency
            ),
            "pricing_unit_details": None,
        }

    def _filters(
        self, lines: list[engine.RatedLine], found: CurrentCharge, current: CurrentUsage
    ) -> list[dict[str, Any]]:
        """An entry a filter, and one with ``values: null`` for what none matches; [] without
        filters."""
        filters = {own.identity: own for own in found.charge._to_engine().filters}
        if not filters:
            return []
        entries = []
        for key in ("", *filters):
            own = [line for line in lines if line.filter_key == key]
            known = filters.get(key)
            values = known and {name: list(listed) for name, listed in known.values.items()}
            if own or not known:
                entries.append(
                    self._units(own, current)
                    | {
                        "invoice_display_name": (known and known.name) or None,
                        "values": values,
                        "presentation_breakdowns": [],
                    }
                )
        return entries

    def _grouped(self, found: CurrentCharge, current: CurrentUsage) -> list[dict[str, Any]]:
        """An entry for each combination of the grouping properties that occurs; a property an
        event does not have is null."""
        keys = found.charge._group_keys()
        if not keys:
            return []
        groups: dict[tuple, list[engine.RatedLine]] = {}
        for line in found.buckets:
            groups.setdefault(tuple(line.group.get(key) for key in keys), []).append(line)
        return [
            self._units(lines, current)
            | {
                "grouped_by": dict(zip(keys, values, strict=True)),
                "filters": self._filters(lines, found, current),
                "presentation_breakdowns": [],
            }
            for values, lines in groups.items()
        ]

    def _usage_taxes(self, order_sudo: models.BaseModel, charges: list[CurrentCharge]) -> Decimal:
        """The tax Odoo would put on these charges."""
        taxes = self._taxes_of(order_sudo, charges)
        return sum((to_decimal(tax["tax_amount_currency"]) for tax in taxes), Decimal(0))

    def _taxes_of(
        self, order_sudo: models.BaseModel, charges: list[CurrentCharge]
    ) -> list[dict[str, Any]]:
        """Product taxes through the fiscal position, an entry for each line's tax as Odoo
        computes them: ``tax``, ``tax_amount_currency``, ``base_amount_currency``."""
        company_sudo = order_sudo.company_id
        tax_model = self.env["account.tax"].sudo().with_company(company_sudo)
        position = (
            self.env["account.fiscal.position"]
            .sudo()
            .with_company(company_sudo)
            ._get_fiscal_position(order_sudo.partner_id, order_sudo.partner_shipping_id)
        )
        base_lines = []
        for charge, line in ((item.charge, line) for item in charges for line in item.lines):
            product_sudo = charge.metric_id._get_product()
            taxes = product_sudo.taxes_id._filter_taxes_by_company(company_sudo)
            base_lines.append(
                tax_model._prepare_base_line_for_taxes_computation(
                    None,
                    partner_id=order_sudo.partner_invoice_id,
                    currency_id=order_sudo.currency_id,
                    product_id=product_sudo,
                    tax_ids=position.map_tax(taxes),
                    quantity=1.0,
                    price_unit=float(line.amount),
                )
            )
        tax_model._add_tax_details_in_base_lines(base_lines, company_sudo)
        tax_model._round_base_lines_tax_details(base_lines, company_sudo)
        return [tax for line in base_lines for tax in line["tax_details"]["taxes_data"]]

    def _event(self, event: models.BaseModel) -> dict[str, Any]:
        """A ledger row. Lago leaves the customer empty as well; ours knows its subscription."""
        return {
            "lago_id": self._id("event", event),
            "transaction_id": event.transaction_id,
            "lago_customer_id": None,
            "code": event.code,
            "timestamp": self._instant(event.occurred_at, milliseconds=True),
            "precise_total_amount_cents": None,
            "properties": event.properties or {},
            "lago_subscription_id": self._id("subscription", event.subscription_id),
            "external_subscription_id": event.external_subscription_id,
            "created_at": self._instant(event.received_at),
        }


def _of_group(found: CurrentCharge, group: Mapping[str, str]) -> CurrentCharge | None:
    """The part of a charge in these groups, without what its minimum or cap adds; None where it is
    not grouped by all these properties."""
    if not set(group) <= set(found.charge._group_keys()):
        return None
    lines = [
        line
        for line in found.buckets
        if all(line.group.get(key) == value for key, value in group.items())
    ]
    usages = [line.usage for line in lines if line.usage]
    usage = replace(
        found.usage,
        measured=sum((usage.measured for usage in usages), Decimal(0)),
        count=sum(usage.count for usage in usages),
    )
    return CurrentCharge(found.charge, usage, lines)
