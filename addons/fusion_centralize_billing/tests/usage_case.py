"""Shared words of the ingestion, rating and invoicing tests."""

from datetime import UTC, date, datetime
from decimal import Decimal

from ..engine import Disposition, IngestItem
from .common import BillingCase


class UsageCase(BillingCase):
    """`BillingCase` plus events: push some, read back what the ledger and the rollups hold."""

    @classmethod
    def item(
        cls,
        transaction_id: str,
        value: object = 1,
        *,
        at: datetime = datetime(2026, 3, 10, 12),
        sub: str | None = "sub-1",
        code: str = "gb",
        **properties: object,
    ) -> IngestItem:
        """An event of `sub` with ``{gb: value}``, at a UTC instant."""
        content = properties or ({} if value is None else {code: value})
        return IngestItem(transaction_id, sub, code, at.replace(tzinfo=UTC), content)

    def push(self, *items: IngestItem, service=None) -> list[Disposition]:
        return self.env["fusion.billing.ingest"]._ingest(service or self.service, items)

    def statuses(self, *items: IngestItem) -> list[str]:
        return [disposition.status for disposition in self.push(*items)]

    def reasons(self, *items: IngestItem) -> list[str | None]:
        return [disposition.reason for disposition in self.push(*items)]

    def ledger(self) -> list[tuple]:
        """``[(transaction id, state, day, value text)]`` by id."""
        self.env.cr.execute(
            "SELECT transaction_id, state, day, value::text FROM fusion_billing_usage_event "
            "WHERE service_id = %s ORDER BY transaction_id",
            (self.service.id,),
        )
        return self.env.cr.fetchall()

    def rollup(self, order, metric=None) -> dict[date, dict[str, Decimal]]:
        """``{day: {total, maximum, last, count}}`` exactly as stored."""
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT day, total::text, maximum::text, last::text, count FROM fusion_billing_usage "
            "WHERE subscription_id = %s AND metric_id = %s ORDER BY day, dimension",
            (order.id, (metric or self.metric).id),
        )
        names = ("total", "maximum", "last", "count")
        return {
            day: dict(zip(names, map(Decimal, map(str, figures)), strict=True))
            for day, *figures in self.env.cr.fetchall()
        }

    def total(self, order, metric=None) -> Decimal:
        """Sum of all days."""
        days = self.rollup(order, metric).values()
        return sum((day["total"] for day in days), Decimal(0))

    def run_billing(self, as_of: date, services=None):
        """Run the billing of the service (or these) and return the run."""
        return self.env["fusion.billing.invoice"]._run(services or self.service, as_of)

    def usage_lines(self, invoice):
        return invoice.invoice_line_ids.filtered("x_fc_line_key").sorted("sequence")
