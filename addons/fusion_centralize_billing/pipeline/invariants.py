"""Is the book right? One function follows every amount from the counter to the receivable."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from odoo import api, models

from .. import engine
from . import invariants_sql
from .rate import Span

# Of a line that usage has made since: it should have made the period dirty.
NOTHING_BILLED = {"quantity": "0", "amount": "0"}


@dataclass(frozen=True, slots=True)
class Violation:
    """A link that does not hold. ``expected`` is what the earlier end of the link gives."""

    rule: str
    subscription_id: int | None
    where: str
    expected: str
    found: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.where}: {self.expected} became {self.found}"


class BillingInvariants(models.AbstractModel):
    """For every period: Σ events = rollup; rate(rollup) = billed; billed = invoice lines;
    lines + tax = total = receivable; and each line's trace replays to its amount. Reads only."""

    _name = "fusion.billing.invariants"
    _description = "Invariants of the Book"

    @api.model
    def _check(self, service: models.BaseModel | None = None) -> list[Violation]:
        """Every violation there is, in the order of the chain; an empty list is the proof.

        :param service: one or more services; none means all
        """
        services = service
        if services is None:
            services = self.env["fusion.billing.service"].search([("active", "=", True)])
        self.env.flush_all()
        return [
            *self._compared("ledger_is_rollup", invariants_sql.LEDGER_IS_ROLLUP, services),
            *self._rated_is_billed(services),
            *self._compared("billed_is_invoiced", invariants_sql.BILLED_IS_INVOICED, services),
            *self._traced(services),
            *self._compared("lines_are_total", invariants_sql.LINES_ARE_TOTAL, services),
            *self._compared("total_is_receivable", invariants_sql.TOTAL_IS_RECEIVABLE, services),
        ]

    def _compared(
        self, rule: str, statement: str, services: models.BaseModel
    ) -> Iterator[Violation]:
        self.env.cr.execute(statement, {"services": services.ids})
        for subscription_id, where, expected, found in self.env.cr.fetchall():
            yield Violation(rule, subscription_id, where, expected or "nothing", found or "nothing")

    def _rated_is_billed(self, services: models.BaseModel) -> Iterator[Violation]:
        """Periods rated again at the terms they were billed at. Late usage is known: left out."""
        periods_sudo = self.env["fusion.billing.period"].sudo()
        claims = periods_sudo.search(
            [
                ("service_id", "in", services.ids),
                ("state", "=", "billed"),
                ("dirty", "=", False),
            ],
            order="subscription_id, start",
        )
        spans = {
            claim: Span(claim.subscription_id.id, engine.Period(claim.start, claim.end))
            for claim in claims
        }
        usages = self.env["fusion.billing.rate"]._counted(list(spans.values()))
        draft = self.env["fusion.billing.draft"]
        for claim, span in spans.items():
            billed = claim.billed or {}
            for line in draft._rerated(claim.subscription_id, claim, usages[span]):
                entry = billed.get(line.key, NOTHING_BILLED)
                now = (line.quantity, line.amount)
                if now != (Decimal(entry["quantity"]), Decimal(entry["amount"])):
                    yield Violation(
                        "rated_is_billed",
                        claim.subscription_id.id,
                        f"{claim.start} {line.key}",
                        f"{line.quantity} = {line.amount}",
                        f"{entry['quantity']} = {entry['amount']}",
                    )

    def _traced(self, services: models.BaseModel) -> Iterator[Violation]:
        """A line explains itself: its trace replays, and gives the line's own amount."""
        self.env.cr.execute(invariants_sql.TRACED_LINES, {"services": services.ids})
        for subscription_id, where, subtotal, refund, trace in self.env.cr.fetchall():
            derivation = dict(trace or {})
            adjustment = derivation.pop("adjustment", None)
            amount = (adjustment or derivation).get("amount", "0")
            billed = -Decimal(subtotal) if refund else Decimal(subtotal)
            try:
                replays = engine.agrees(derivation)
            except (engine.BillingError, KeyError):
                replays = False
            if not replays or billed != Decimal(amount):
                told = amount if replays else "no trace that replays"
                yield Violation("line_explains_itself", subscription_id, where, told, str(billed))
