"""Lago's past usage: a period that was billed, at the prices it was billed at."""

from typing import Any

from odoo import models

from .. import engine
from .rate import CurrentCharge, CurrentUsage, Span


class BillingSerializePastUsage(models.AbstractModel):
    _inherit = "fusion.billing.serialize"

    def _past_usage(self, period: models.BaseModel, metric_code: str = "") -> dict[str, Any]:
        """One ``usage_periods`` entry of a billed period.

        Amounts are the whole invoice's, the subscription's fee included, as in Lago; charges are
        what was billed for them, corrections included.
        """
        period_sudo = period.sudo()
        order_sudo, move_sudo = period_sudo.subscription_id, period_sudo.invoice_id
        span = Span(order_sudo.id, engine.Period(period_sudo.start, period_sudo.end))
        charges = self._past_charges(order_sudo, period_sudo, span)
        currency, tz = order_sudo.currency_id, self._zone(order_sudo)
        current = CurrentUsage(span.period, currency, charges)
        wanted = [c for c in charges if metric_code in ("", c.charge.metric_id.code)]
        return {
            "from_datetime": self._starts(span.period.start, tz),
            "to_datetime": self._ends(span.period.end, tz),
            "issuing_date": self._day(move_sudo.invoice_date),
            "currency": currency.name,
            "amount_cents": self._cents(move_sudo.amount_untaxed, currency),
            "taxes_amount_cents": self._cents(move_sudo.amount_tax, currency),
            "total_amount_cents": self._cents(move_sudo.amount_total, currency),
            "lago_invoice_id": self._id("invoice", move_sudo),
            "charges_usage": [self._charge_usage(charge, current) for charge in wanted],
        }

    def _past_charges(self, order_sudo, period_sudo, span: Span) -> list[CurrentCharge]:
        """The charges that billed this period, rated again at the terms they billed at."""
        rate = self.env["fusion.billing.rate"]
        counted = rate._counted([span])[span]
        full = engine.Period(
            period_sudo.full_start or period_sudo.start, period_sudo.full_end or period_sudo.end
        )
        terms = _terms(period_sudo.billed or {})
        charges_sudo = self.env["fusion.billing.charge"].sudo().with_context(active_test=False)
        own_sudo = charges_sudo.search([("plan_id", "=", order_sudo.plan_id.id)])
        window = rate._window(order_sudo, span.period)
        found = []
        for charge in own_sudo.sorted(lambda charge: (charge.metric_id.name, charge.sequence)):
            billed = terms.get(f"{charge.metric_id.code}/{charge.code}")
            if not billed:  # added or taken away since
                continue
            usage = rate._known(order_sudo, billed, counted)
            measured = usage.metric.measure(usage.rollups, window)
            lines = rate._price(order_sudo, billed, counted, full)
            found.append(CurrentCharge(charge, measured, lines))
        return found

    def _past_periods(self, service, link, external_id: str) -> list[Any]:
        """The search domain of what was billed to a customer under a subscription's id."""
        return [
            ("service_id", "=", service.id),
            ("state", "=", "billed"),
            ("subscription_id.x_fc_external_id", "=", external_id),
            ("subscription_id.x_fc_link_id", "=", link.id),
            ("invoice_id", "!=", False),
        ]


def _terms(billed: dict[str, Any]) -> dict[str, engine.Charge]:
    """``{charge key: the charge as it billed}``; a commitment is none."""
    entries = [entry["charge"] for entry in billed.values() if entry.get("charge")]
    charges = [engine.Charge.from_json(entry) for entry in entries]
    return {charge.key: charge for charge in charges}
