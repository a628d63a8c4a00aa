"""Credit notes for fees that were billed in advance and are not needed to the end."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from odoo import Command, api, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from .. import engine
from .gate import to_decimal

ONE_DAY = timedelta(days=1)
# What a credit becomes: money the customer has with us, or less to pay on the invoice itself.
SETTLEMENTS = ("credit", "offset", "refund")


@dataclass(frozen=True, slots=True)
class Unused:
    """One billed line and what of it to give back."""

    line: models.BaseModel
    credit: engine.Credit
    first_unused: date


class BillingCredit(models.AbstractModel):
    """Downgrades and early ends. Odoo bills ahead and gives nothing back by itself.

    One credit note for each invoice, one line for each billed line, with its account and taxes.
    The unique index on (billed line, credit) lets a credit happen once, whoever repeats it.
    """

    _name = "fusion.billing.credit"
    _description = "Credits for Unused Days"

    @api.model
    def _credit_unused(
        self, order: models.BaseModel, first_unused: date, settle: str = "credit"
    ) -> models.BaseModel:
        """Credit all recurring fees of the subscription from that day on. Safe to repeat.

        :param settle: ``credit`` leaves the credit notes open; ``offset`` sets them against the
            invoice they credit, as far as that is not paid; ``refund`` does that too, and sends
            what a card paid back to it
        :return: the credit notes, posted
        """
        lines = self._billed_lines(order, first_unused)
        return self._issue(self._unused(lines, first_unused), settle)

    @api.model
    def _reduce(
        self, line: models.BaseModel, quantity: float, day: date, settle: str = "credit"
    ) -> models.BaseModel:
        """Lower the quantity of a recurring line now and credit the difference to its period's end.

        ``day`` itself still counts at the old quantity.

        :return: the credit notes, posted; none when the period is not billed yet
        :raise UserError: not a lower quantity, not running, or billed at period end
        """
        self._check_reduction(line, quantity)
        unused = self._preview(line, quantity, day)
        # The price goes along: a new quantity would look the pricelist up again.
        line.write(
            {"product_uom_qty": quantity, "price_unit": line.price_unit, "discount": line.discount}
        )
        notes = self._issue(unused, settle)
        line.order_id.message_post(
            body=self.env._(
                "%(product)s reduced to %(quantity)s from %(day)s on. Credit: %(notes)s.",
                product=line.product_id.display_name,
                quantity=engine.plain(to_decimal(quantity)),
                day=format_date(self.env, day + ONE_DAY),
                notes=", ".join(notes.mapped("name")) or self.env._("nothing to credit"),
            )
        )
        return notes

    @api.model
    def _preview(self, line: models.BaseModel, quantity: float, day: date) -> list[Unused]:
        """What `_reduce` would credit."""
        keep = Fraction(to_decimal(quantity)) / Fraction(to_decimal(line.product_uom_qty))
        first_unused = day + ONE_DAY
        # An upsell bills the quantity it adds on a line of its own, which belongs to this one.
        own = self._billed_lines(line.order_id, first_unused).filtered(
            lambda billed: line & (billed.sale_line_ids | billed.sale_line_ids.parent_line_id)
        )
        return self._unused(own, first_unused, keep)

    def _check_reduction(self, line: models.BaseModel, quantity: float) -> None:
        if line.order_id.subscription_state != "3_progress" or not line.recurring_invoice:
            raise UserError(self.env._("Only a recurring line of a running subscription."))
        if line.order_id.plan_id.bill_end_period:
            raise UserError(
                self.env._(
                    "%(order)s is billed at period end: nothing was billed ahead. Change the "
                    "quantity once the period is invoiced.",
                    order=line.order_id.name,
                )
            )
        if not 0 <= quantity < line.product_uom_qty:
            raise UserError(
                self.env._(
                    "The new quantity must be lower than %(quantity)s.",
                    quantity=engine.plain(to_decimal(line.product_uom_qty)),
                )
            )

    # ------------------------------------------------------------------ what is unused
    def _billed_lines(self, order: models.BaseModel, first_unused: date) -> models.BaseModel:
        """Posted recurring fees (sudo) of the subscription that reach beyond that day's start."""
        lines_sudo = self.env["account.move.line"].sudo()
        return lines_sudo.search(
            [
                ("subscription_id", "=", order.id),
                ("parent_state", "=", "posted"),
                ("move_type", "=", "out_invoice"),
                ("display_type", "=", "product"),
                ("x_fc_line_key", "=", False),
                ("deferred_start_date", "!=", False),
                ("deferred_end_date", ">=", first_unused),
            ],
            order="id",
        )

    def _unused(
        self, lines: models.BaseModel, first_unused: date, keep: Fraction = engine.NOTHING
    ) -> list[Unused]:
        credits = [
            Unused(
                line,
                engine.credit(
                    self._pieces(line),
                    first_unused,
                    keep,
                    line.currency_id.name,
                    line.currency_id.decimal_places,
                ),
                first_unused,
            )
            for line in lines
        ]
        return [unused for unused in credits if unused.credit.amount]

    def _pieces(self, line: models.BaseModel) -> list[engine.Billed]:
        """The line and every credit given for it: ours by its link, a person's by its document."""
        given = self._credits_of(line)
        return [
            engine.Billed(price_amount(line), _span(line)),
            *(
                engine.Billed(-price_amount(credit), _span(credit, line))
                for credit in given.sorted("id")
            ),
        ]

    def _credits_of(self, line: models.BaseModel) -> models.BaseModel:
        notes = line.move_id.reversal_move_ids.filtered(
            lambda move: move.move_type == "out_refund" and move.state != "cancel"
        )
        return notes.invoice_line_ids.filtered(
            lambda credit: (
                credit.x_fc_credited_line_id == line
                or (
                    not credit.x_fc_credited_line_id
                    and credit.display_type == "product"
                    and credit.sale_line_ids == line.sale_line_ids
                    and credit.product_id == line.product_id
                    and credit.deferred_start_date == line.deferred_start_date
                )
            )
        )

    # ------------------------------------------------------------------ the documents
    def _issue(self, unused: Iterable[Unused], settle: str) -> models.BaseModel:
        """Post a credit note for each invoice; the unique index refuses a credit given before.

        :raise psycopg2.errors.UniqueViolation: somebody else credited these days just now
        """
        by_invoice: dict[models.BaseModel, list[Unused]] = {}
        for item in unused:
            by_invoice.setdefault(item.line.move_id, []).append(item)
        notes = self.env["account.move"]
        for invoice, items in by_invoice.items():
            if sum(item.credit.amount for item in items) <= 0:
                continue
            company_moves = invoice.with_company(invoice.company_id)
            note = company_moves.create(self._prepare_note(invoice, items))
            stays_open = settle in ("credit", "refund")
            note.with_context(fc_credit_stays_open=stays_open).action_post()
            if settle == "refund":
                self._give_back(invoice, note)
            notes |= note
        return notes

    def _give_back(self, invoice: models.BaseModel, note: models.BaseModel) -> None:
        """What the card paid goes back to it; what is not paid is not owed any more."""
        owed = to_decimal(invoice.amount_residual)
        total = to_decimal(note.amount_total)
        if owed > 0:
            lines = (invoice | note).line_ids.filtered(
                lambda line: line.account_type == "asset_receivable" and not line.reconciled
            )
            lines.reconcile()
        if total > owed:
            self.env["fusion.billing.refund"]._ask(note, total - owed)

    def _prepare_note(self, invoice: models.BaseModel, items: list[Unused]) -> dict:
        day = items[0].first_unused - ONE_DAY
        return {
            "move_type": "out_refund",
            "reversed_entry_id": invoice.id,
            "ref": self.env._("Credit for unused days of %(invoice)s", invoice=invoice.name),
            "invoice_origin": invoice.invoice_origin,
            "invoice_date": day,
            "invoice_date_due": day,
            "invoice_payment_term_id": False,
            "partner_id": invoice.partner_id.id,
            "partner_shipping_id": invoice.partner_shipping_id.id,
            "fiscal_position_id": invoice.fiscal_position_id.id,
            "currency_id": invoice.currency_id.id,
            "company_id": invoice.company_id.id,
            "journal_id": invoice.journal_id.id,
            "invoice_user_id": invoice.invoice_user_id.id,
            "team_id": invoice.team_id.id,
            "x_fc_service_id": invoice.x_fc_service_id.id,
            "invoice_line_ids": [Command.create(self._prepare_line(item)) for item in items],
        }

    def _prepare_line(self, item: Unused) -> dict:
        """The product's name, then why: one unit of the credited amount."""
        line, trace = item.line, item.credit.derivation
        lang = line.move_id.partner_id.lang or "en_CA"
        return {
            "name": f"{line.product_id.with_context(lang=lang).display_name}\n"
            + engine.explain(trace, lang)[0],
            "sequence": line.sequence,
            "product_id": line.product_id.id,
            "product_uom_id": line.product_uom_id.id,
            "quantity": 1,
            "price_unit": float(item.credit.amount),
            "discount": 0.0,
            "tax_ids": [Command.set(line.tax_ids.ids)],
            "account_id": line.account_id.id,
            "analytic_distribution": line.analytic_distribution,
            "sale_line_ids": [Command.set(line.sale_line_ids.ids)],
            "subscription_id": line.subscription_id.id,
            "deferred_start_date": max(item.first_unused, line.deferred_start_date),
            "deferred_end_date": line.deferred_end_date,
            "x_fc_credited_line_id": line.id,
            "x_fc_line_key": f"credit/{item.first_unused.isoformat()}/{trace['keep']}",
            "x_fc_period_start": max(item.first_unused, line.deferred_start_date),
            "x_fc_period_end": line.deferred_end_date + ONE_DAY,
            "x_fc_trace": trace,
        }


def price_amount(line: models.BaseModel):
    """The line's amount as its price is written: without taxes, unless they are in the price."""
    if not any(tax.price_include for tax in line.tax_ids.flatten_taxes_hierarchy()):
        return to_decimal(line.price_subtotal)
    share = 1 - to_decimal(line.discount) / 100
    amount = to_decimal(line.price_unit) * to_decimal(line.quantity) * share
    return engine.round_money(amount, line.currency_id.decimal_places)


def _span(line: models.BaseModel, billed: models.BaseModel | None = None) -> engine.Period:
    """Odoo's deferral dates are inclusive; a person's credit may have lost them."""
    source = line if line.deferred_start_date and line.deferred_end_date else billed
    return engine.Period(source.deferred_start_date, source.deferred_end_date + ONE_DAY)
