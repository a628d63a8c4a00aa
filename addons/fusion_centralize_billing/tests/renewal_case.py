"""A subscription that has been billed once, and how to renew it."""

from datetime import date, datetime
from decimal import Decimal

from .usage_case import UsageCase

MARCH, APRIL, MAY, JUNE = (date(2026, month, 1) for month in (3, 4, 5, 6))
# Midnight of 1 April in Toronto.
HANDOVER = datetime(2026, 4, 1, 4)


class RenewalCase(UsageCase):
    """``order`` is ``sub-1``, billed for March. It is 15 March, 8:00 in Toronto."""

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.order = cls.make_order("sub-1", x_fc_name="Maple's cloud")
        cls.env["fusion.billing.invoice"]._run(cls.service, MARCH)

    def set_clock(self, *when: int) -> None:
        """The service's clock, in UTC."""
        self.service.test_clock = datetime(*when)

    def quotation(self, order=None):
        """A renewal quotation, dated by the service's clock."""
        order = order or self.order
        dated = order.with_context(billing_date=self.service._today())
        return order.browse(dated.prepare_renewal_order()["res_id"])

    def renew(self, order=None, **values):
        """A confirmed renewal, on another plan say."""
        renewal = self.quotation(order)
        if values:
            renewal.write(values)
        renewal.action_confirm()
        return renewal

    def running(self, external_id: str = "sub-1", status: str = "active"):
        """The order that the API calls by this id now."""
        return self.env["fusion.billing.subscribe"]._find(self.service, external_id, status)

    def told(self, first: int = 0) -> list[tuple[str, str]]:
        """``[(type, the order's name)]`` of webhooks about subscriptions, oldest first."""
        hooks = self.service.webhook_ids.sorted("id").filtered(
            lambda hook: hook.object_type == "subscription"
        )
        found = []
        orders = self.service.subscription_ids
        by_id = {self.env["fusion.billing.serialize"]._id("subscription", o): o for o in orders}
        for hook in hooks[first:]:
            order = next(order for uuid, order in by_id.items() if uuid in hook.payload)
            found.append((hook.webhook_type, order.name))
        return found

    def billed(self, order) -> list[tuple[date, date, Decimal]]:
        """``[(start, end, quantity)]`` of the periods that were billed."""
        return [
            (claim.start, claim.end, sum(Decimal(e["quantity"]) for e in claim.billed.values()))
            for claim in order.x_fc_period_ids.sorted("start")
        ]

    def usage_total(self, order) -> float:
        """Untaxed, of the usage lines on posted invoices."""
        lines = self.env["account.move.line"].search(
            [
                ("subscription_id", "=", order.id),
                ("x_fc_line_key", "!=", False),
                ("parent_state", "=", "posted"),
            ]
        )
        return sum(lines.mapped("price_subtotal"))

    def assert_right(self) -> None:
        """Every invariant of the book holds."""
        found = self.env["fusion.billing.invariants"]._check(self.service)
        self.assertEqual([str(violation) for violation in found], [])
