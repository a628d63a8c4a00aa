"""A charge of every model, with usage that makes each of its rules count."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from odoo import Command

from .usage_case import UsageCase

MARCH, APRIL, MAY = date(2026, 3, 1), date(2026, 4, 1), date(2026, 5, 1)
# Two payments of 120 and 80, one of 40.5 that is in region eu.
EVENTS = (("120", {"region": "ca"}), ("80", {}), ("40.5", {"region": "eu"}))


def ladder(*rows: dict) -> list:
    """Tier commands, in this order."""
    return [Command.create({"sequence": place, **row}) for place, row in enumerate(rows)]


# model: (values of the charge, what 240.5 units in three events cost)
MODELS: dict[str, tuple[dict, str]] = {
    "quota": ({"included_quantity": 100, "unit_price": 0.05}, "7.03"),  # 140.5 × 0.05 = 7.025
    "standard": ({"unit_price": 0.015}, "3.61"),  # 3.6075
    "graduated": (
        {"tier_ids": ladder({"up_to": 100, "unit_price": 0.1, "flat_price": 1}, {"unit_price": 1})},
        "151.50",  # 1 + 100 × 0.1 + 140.5
    ),
    "volume": (
        {"tier_ids": ladder({"up_to": 100, "unit_price": 1}, {"unit_price": 0.5, "flat_price": 2})},
        "122.25",  # 240.5 × 0.5 + 2
    ),
    "package": ({"amount": 9, "package_size": 100, "free_units": 30}, "27.00"),  # ⌈210.5 / 100⌉
    "percentage": (
        {"rate": 2.9, "fixed_amount": 0.3, "per_transaction_max_amount": 3, "unit_price": 0},
        "7.09",  # min(3.78, 3) + 2.62 + 1.4745 = 7.0945
    ),
    "graduated_percentage": (
        {"tier_ids": ladder({"up_to": 200, "rate": 1, "flat_price": 0.5}, {"rate": 10})},
        "6.55",  # 2 + 0.5 + 40.5 × 0.1
    ),
    "dynamic": ({}, "6.66"),  # 3 × 2.22, as the app says
}


class ChargeCase(UsageCase):
    """`UsageCase` with one order and no charge; `priced` gives the plan one."""

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.charge.active = False
        cls.order = cls.make_order("sub-1")

    def priced(self, model: str, **values):
        """A charge of the model, with the values of `MODELS` unless others are given."""
        return self.make_charge(
            values.pop("code", model.replace("_", "-")),
            name=model.replace("_", " ").capitalize(),
            model=model,
            **({"unit_price": 0, "included_quantity": 0} | MODELS[model][0] | values),
        )

    def pay(self, *events: tuple[str, dict], prefix: str = "e", day: int = 10) -> None:
        """Push the events, an hour apart, each with a price of its own of 2.22."""
        self.push(
            *(
                replace(
                    self.item(
                        f"{prefix}{place}",
                        at=datetime(2026, 3, day, 12 + place),
                        gb=Decimal(value),
                        **properties,
                    ),
                    precise_total_amount_cents=Decimal(222),
                )
                for place, (value, properties) in enumerate(events or EVENTS)
            )
        )

    def bill(self, as_of: date = APRIL):
        """Run; return the usage lines of the newest invoice."""
        run = self.run_billing(as_of)
        self.assertFalse(
            run.line_ids.filtered(lambda line: line.state == "parked"),
            run.line_ids.mapped("reason"),
        )
        return self.usage_lines(run.line_ids.invoice_id.sorted("invoice_date")[-1:])

    def current(self, now: datetime = datetime(2026, 3, 31, 12)):
        return self.env["fusion.billing.rate"]._current_usage(self.order, now)

    def amounts(self, lines) -> dict[str, float]:
        """``{line key: subtotal}``."""
        return {line.x_fc_line_key: line.price_subtotal for line in lines}

    def assertBook(self) -> None:  # noqa: N802  unittest's spelling
        """Every invariant of the book holds, the replay of every line among them."""
        found = self.env["fusion.billing.invariants"]._check(self.service)
        self.assertEqual([str(violation) for violation in found], [])
