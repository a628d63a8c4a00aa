"""What a subscription pays at least: the line that brings a closed period up to its commitment."""

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal

from odoo import api, models

from .. import engine
from .gate import to_decimal

ONE_DAY = timedelta(days=1)


class BillingCommitment(models.AbstractModel):
    """In arrears, with the usage of the period it is for; a base fee paid ahead counts."""

    _name = "fusion.billing.commitment"
    _description = "Minimum Commitment"

    @api.model
    def _lines(
        self,
        order: models.BaseModel,
        period: engine.Period,
        full: engine.Period,
        rated: Iterable[engine.RatedLine],
    ) -> list[engine.RatedLine]:
        """The commitment's line, at zero too: what is corrected later changes it. Else none.

        :param period: the closed days; `full` the full period they are of
        :param rated: all usage lines of these days, true-ups and caps included
        :raise engine.Invalid: a commitment in a currency that is not the order's
        """
        plan = order.plan_id
        if not plan.sudo().x_fc_minimum_commitment:
            return []
        return self._line(order, plan, period, full, self._base(order, period, full), rated)

    @api.model
    def _line(
        self,
        order: models.BaseModel,
        plan: models.BaseModel,
        period: engine.Period,
        full: engine.Period,
        base: Decimal,
        rated: Iterable[engine.RatedLine],
    ) -> list[engine.RatedLine]:
        """The same for any plan and any base fee of these days."""
        plan_sudo, currency = plan.sudo(), order.currency_id
        amount = to_decimal(plan_sudo.x_fc_minimum_commitment)
        if not amount:
            return []
        if plan_sudo.x_fc_commitment_currency_id != currency:
            raise engine.Invalid.field("minimum_commitment", "currencies_does_not_match")
        return [
            engine.commitment(
                amount,
                full,
                base,
                sum((line.amount for line in rated), Decimal(0)),
                currency.decimal_places,
                active=period,
                currency=currency.name,
                name=plan_sudo.x_fc_commitment_name or "",
            )
        ]

    def _base(self, order: models.BaseModel, part: engine.Period, full: engine.Period) -> Decimal:
        """Base fees of the days of ``part``: what was invoiced for them, credits taken off.

        Where nothing was, as in arrears, or where the app itself billed them ahead: what the
        order's recurring lines cost for these days.
        """
        lines_sudo = self._invoiced(order, part)
        if not lines_sudo:
            paid = engine.after_trial(part, order.x_fc_trial_end or None)
            recurring = to_decimal(order.recurring_total) if paid else Decimal(0)
            return self._round(order, engine.prorate(recurring, paid or part, full))
        # Days that were billed, not used and not given back were paid all the same.
        kept = full if order.x_fc_termination_credit == "skip" else part
        return sum((self._share(line, kept) for line in lines_sudo), Decimal(0))

    def _invoiced(self, order: models.BaseModel, part: engine.Period) -> models.BaseModel:
        """Recurring fees (sudo) that cover any of these days, and the credits given for them."""
        lines_sudo = self.env["account.move.line"].sudo()
        found = lines_sudo.search(
            [
                ("subscription_id", "=", order.id),
                ("parent_state", "!=", "cancel"),
                ("move_type", "in", ("out_invoice", "out_refund")),
                ("display_type", "=", "product"),
                ("deferred_start_date", "<", part.end),
                ("deferred_end_date", ">=", part.start),
            ]
        )
        return found.filtered(lambda line: not line.x_fc_line_key or line.x_fc_credited_line_id)

    def _share(self, line: models.BaseModel, days: engine.Period) -> Decimal:
        """The part of an invoiced line that falls on these days, signed, rounded."""
        own = engine.Period(line.deferred_start_date, line.deferred_end_date + ONE_DAY)
        shared = engine.Period(max(own.start, days.start), min(own.end, days.end))
        amount = to_decimal(line.price_subtotal)
        signed = -amount if line.move_type == "out_refund" else amount
        return self._round(line, engine.prorate(signed, shared, own))

    def _round(self, record: models.BaseModel, amount: Decimal) -> Decimal:
        return engine.round_money(amount, record.currency_id.decimal_places)
