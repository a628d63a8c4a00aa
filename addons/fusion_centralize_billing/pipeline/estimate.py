"""What one event would add to its period's bill. Writes nothing."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import NoReturn
from uuid import uuid4

from odoo import api, models

from .. import engine
from ..engine.errors import Invalid, NotFound
from .rate import CurrentCharge, CurrentUsage

# Why an event would be parked, as its sender's mistake.
REFUSALS = {
    "unknown_metric": ("code", "does_not_match_an_instant_charge"),
    "outside_subscription": ("timestamp", "value_is_out_of_range"),
    "missing_value": ("properties", "value_is_mandatory"),
    "invalid_value": ("properties", "value_is_invalid"),
}


@dataclass(frozen=True, slots=True)
class Change:
    """One line of a charge, with what the event changes of it; ``line`` is as it would be."""

    charge: models.BaseModel
    line: engine.RatedLine
    units: Decimal
    amount: Decimal
    events: int

    @property
    def alone(self) -> CurrentCharge:
        """The change as a charge of its own, for its taxes."""
        usage = engine.Usage.of(self.units, self.events)
        return CurrentCharge(self.charge, usage, [replace(self.line, amount=self.amount)])


class _Undone(Exception):
    """Ends a savepoint whose writes were only made to look at."""

    def __init__(self, found: CurrentUsage) -> None:
        super().__init__()
        self.found = found


class BillingEstimate(models.AbstractModel):
    """Takes the event in as any other, rates the period, and takes all of it back: what counts,
    how it is rounded and which tier it reaches is decided where it always is."""

    _name = "fusion.billing.estimate"
    _description = "Estimate of an Event"

    @api.model
    def _estimate(
        self, service: models.BaseModel, item: engine.IngestItem
    ) -> tuple[models.BaseModel, engine.Period, list[Change]]:
        """The subscription (sudo), the period the event falls in, and what it changes there.

        :param item: its transaction id is of no account
        :raise NotFound: ``subscription``
        :raise Invalid: an event that would be parked; ``code: does_not_match_an_instant_charge``
            where no charge of the plan prices it
        """
        subscribe = self.env["fusion.billing.subscribe"]
        order_sudo = subscribe._find(service, item.external_subscription_id, "active")
        if not order_sudo:
            raise NotFound("subscription")
        at = item.occurred_at.astimezone(UTC).replace(tzinfo=None)
        rate = self.env["fusion.billing.rate"]
        before = rate._current_usage(order_sudo, at)
        try:
            with self.env.cr.savepoint():
                self._look(service, order_sudo, replace(item, transaction_id=str(uuid4())), at)
        except _Undone as undone:
            after = undone.found
        changes = [
            change
            for old, new in zip(before.charges, after.charges, strict=True)
            if new.charge.metric_id.code == item.code
            for change in _changes(old, new)
        ]
        if not changes:
            raise Invalid.field("code", "does_not_match_an_instant_charge")
        return order_sudo, after.period, changes

    def _look(
        self,
        service: models.BaseModel,
        order: models.BaseModel,
        item: engine.IngestItem,
        at: datetime,
    ) -> NoReturn:
        [disposition] = self.env["fusion.billing.ingest"]._ingest(service, [item])
        if disposition.status == "parked":
            raise Invalid.field(*REFUSALS.get(disposition.reason, ("base", "value_is_invalid")))
        raise _Undone(self.env["fusion.billing.rate"]._current_usage(order, at))


def _changes(before: CurrentCharge, after: CurrentCharge) -> list[Change]:
    """Lines that differ; one that gives way to others, such as a bucket without a group, too."""
    old = {line.key: line for line in before.lines}
    changes = [_change(after.charge, line, old.pop(line.key, None)) for line in after.lines]
    for line in old.values():
        nothing = replace(line, quantity=Decimal(0), amount=Decimal(0), usage=None)
        changes.append(_change(after.charge, nothing, line))
    return [change for change in changes if change.events or change.amount]


def _change(
    charge: models.BaseModel, line: engine.RatedLine, before: engine.RatedLine | None
) -> Change:
    quantity = before.quantity if before else Decimal(0)
    amount = before.amount if before else Decimal(0)
    counted = before.usage.count if before and before.usage else 0
    events = (line.usage.count if line.usage else 0) - counted
    return Change(charge, line, line.quantity - quantity, line.amount - amount, events)
