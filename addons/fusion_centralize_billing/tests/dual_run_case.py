"""A shadow service beside an app that bills by itself, with mistakes we know of."""

from datetime import date, datetime
from decimal import Decimal

from .common import BillingCase

PERIODS = [(date(2026, month, 1), date(2026, month + 1, 1)) for month in (3, 4, 5)]
USED = {0: "1250", 1: "1400", 2: "1100"}  # GB a period; 1,000 are included, each more 0.05


def compared_rows(env, service, tag: str, values: dict) -> list:
    """A reconciliation, its line, a rule, an app's invoice with its line, and a finding."""
    currency = env.company.currency_id
    make = {"service_id": service.id, "currency_id": currency.id, **values}
    row = env["fusion.billing.reconciliation"].create(make)
    line = {"reconciliation_id": row.id, "kind": "base", "difference_class": "match"}
    said = {"service_id": service.id, "difference_class": "rate", "kind": "base", "note": "agreed"}
    item = {
        "external_invoice_id": tag,
        "external_subscription_id": tag,
        "currency": currency.name,
        "period_start": "2026-03-01",
        "period_end": "2026-04-01",
        "lines": [{"kind": "base", "amount": "1"}],
    }
    told = env["fusion.billing.app.record"]._record(service, [item])
    invoice = env["fusion.billing.app.invoice"].browse(told["ids"])
    lines = env["fusion.billing.reconciliation.line"].create(line)
    rule = env["fusion.billing.reconciliation.rule"].create(said)
    finding = {"service_id": service.id, "rule": "lines_are_total", "place": tag}
    finding = env["fusion.billing.invariant.finding"].create(finding)
    return [row, lines, rule, invoice, invoice.line_ids, finding]


class DualRunCase(BillingCase):
    """Shadow subscriptions to ``pro`` at 29.00, with usage, a tax of 13 % and three periods."""

    NOW = datetime(2026, 6, 2, 12)

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.tax = cls.env["account.tax"].create(
            {"name": "HST test", "amount": 13, "type_tax_use": "sale", "company_id": cls.company.id}
        )
        (cls.base_product | cls.usage_product).taxes_id = cls.tax
        cls.service.mode = "shadow"
        cls.charge.plan_id = False
        cls.stage = cls.env["fusion.billing.reconcile"]

    @classmethod
    def subscribe(cls, external_id: str):
        """A draft subscription with its usage of all three periods."""
        order = cls.make_order(external_id, confirm=False)
        order.order_line.tax_ids = cls.tax
        order.order_line.price_unit = 29.0
        for index, (start, _end) in enumerate(PERIODS):
            cls.make_usage(order, start, float(USED[index]))
        return order

    @classmethod
    def app_invoice(cls, order, index: int, **plant) -> dict:
        """What the app billed: right, but for what is planted.

        :param plant: ``base``, ``used``, ``usage``, ``price`` (amounts as text), ``discount``,
            ``tax``, ``currency``
        """
        used = plant.get("used", USED[index])
        price = Decimal(plant.get("price", "0.05"))
        over = max(Decimal(used) - 1000, Decimal(0)) * price
        usage = Decimal(plant.get("usage", over)).quantize(Decimal("0.01"))
        lines = [
            {"kind": "base", "code": "pro", "amount": plant.get("base", "29.00")},
            {"kind": "usage", "code": "gb", "quantity": used, "amount": str(usage)},
        ]
        if "discount" in plant:
            lines.append({"kind": "discount", "amount": plant["discount"]})
        untaxed = sum(Decimal(line["amount"]) for line in lines)
        tax = plant.get("tax", str((untaxed * 13 / 100).quantize(Decimal("0.01"))))
        lines.append({"kind": "tax", "code": "HST", "amount": tax, "rate": "13"})
        start, end = PERIODS[index]
        return {
            "external_invoice_id": f"{order.x_fc_external_id}/{start}",
            "external_subscription_id": order.x_fc_external_id,
            "period_start": start.isoformat(),
            "period_end": end.isoformat(),
            "currency": plant.get("currency", cls.currency.name),
            "lines": lines,
        }

    @classmethod
    def told(cls, *items: dict) -> dict:
        return cls.env["fusion.billing.app.record"]._record(cls.service, items)

    def compare(self) -> dict:
        return self.stage._run(self.service, PERIODS[0][0], PERIODS[-1][1])

    def rows(self, order=None):
        domain = [("service_id", "=", self.service.id)]
        domain += [("subscription_id", "=", order.id)] if order else []
        return self.env["fusion.billing.reconciliation"].search(domain, order="period_start, id")
