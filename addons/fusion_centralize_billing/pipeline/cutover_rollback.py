"""The way back: until the first charge, customers can be given back to their app."""

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

# Of a charge: it may have taken the money, whatever state Odoo gives the payment.
MONEY = ("ready", "open", "unknown", "mismatch", "paid")
# Invoices of these subscriptions and payments of these invoices that were committed by now.
COMMITTED = """
SELECT 'move', move_id FROM account_move_line WHERE subscription_id IN %(orders)s
UNION
SELECT 'payment', transaction_id FROM account_invoice_transaction_rel
WHERE invoice_id IN %(moves)s
"""


class BillingCutoverRollback(models.AbstractModel):
    """Undoes a cut-over: one transaction, and nothing that a customer has paid."""

    _name = "fusion.billing.cutover.rollback"
    _description = "Roll-back of a Cut-over"

    @api.model
    def _roll_back(self, cutover: models.BaseModel) -> None:
        """Give the subscriptions back. Invoices nobody has paid are voided by a credit note.

        :raise UserError: it was not done, or money has moved, or may have
        :raise LockError: somebody is invoicing or charging at this moment
        """
        cutover.ensure_one()
        cutover.service_id.lock_for_update(allow_referencing=True)
        cutover.lock_for_update()
        if cutover.state != "done":
            raise UserError(self.env._("Only what was cut over can be rolled back."))
        orders_sudo = cutover.order_ids.sudo()
        orders_sudo.lock_for_update(allow_referencing=True)  # no invoice is being made
        self._check_none_went_on(orders_sudo)
        moves_sudo = orders_sudo.invoice_ids.filtered("x_fc_service_id")
        moves_sudo.lock_for_update()  # no payment is being begun: it would refer to its invoice
        self._check_nothing_new(orders_sudo, moves_sudo)
        self._check_no_money(moves_sudo)
        self._void(moves_sudo)
        self.env["fusion.billing.cutover.stage"]._tell(cutover, "subscription.cut_over_rolled_back")
        self._to_shadow(orders_sudo)
        self._pardon(cutover.service_id, orders_sudo)
        tokens_sudo = cutover.line_ids.sudo().token_id
        tokens_sudo.filtered(lambda token: not token.transaction_ids).active = False
        self._close(cutover.service_id.sudo())
        cutover.write({"state": "rolled_back", "rolled_back_at": cutover.service_id._now()})

    def _check_none_went_on(self, orders_sudo: models.BaseModel) -> None:
        """What renewed it, or put it on another plan, would bill beside the app."""
        gone_on_sudo = orders_sudo.filtered(lambda order: order._x_fc_successor())
        if gone_on_sudo:
            raise UserError(
                self.env._(
                    "%(order)s was renewed or changed its plan since: it cannot be rolled back any "
                    "more. Mend single customers by credit notes.",
                    order=gone_on_sudo[0].name,
                )
            )

    def _check_nothing_new(
        self, orders_sudo: models.BaseModel, moves_sudo: models.BaseModel
    ) -> None:
        """Look once more, now that the locks are held, at what is committed.

        This transaction sees the database as it was when it began. A charge that began since then
        has changed no row that would tell us by a conflict: only another snapshot shows it.
        """
        seen = {("move", move.id) for move in orders_sudo.invoice_ids}
        seen |= {("payment", attempt.id) for attempt in moves_sudo.transaction_ids}
        rows = {"orders": (*orders_sudo.ids, 0), "moves": (*moves_sudo.ids, 0)}
        with self.env.registry.cursor() as cursor:
            cursor.execute(SQL(COMMITTED, **rows))
            new = set(cursor.fetchall()) - seen
        if new:
            raise UserError(
                self.env._("Something was invoiced or charged at this moment: look, and try again.")
            )

    def _check_no_money(self, moves_sudo: models.BaseModel) -> None:
        """An attempt whose outcome is unknown counts: Stripe may have taken the money."""
        attempts_sudo = moves_sudo.transaction_ids.filtered(
            lambda attempt: (
                attempt.state in ("draft", "pending", "authorized", "done")
                or attempt.charge_outcome in MONEY
            )
        )
        paid_sudo = moves_sudo.filtered(
            lambda move: (
                move.move_type == "out_invoice"
                and not move.x_fc_voided_at
                and move.state == "posted"
                and move.payment_state not in ("not_paid", "reversed")
                and not move.currency_id.is_zero(move.amount_total)  # 0.00 is "paid" at once
            )
        )
        if charged := (attempts_sudo.invoice_ids | paid_sudo)[:1]:
            raise UserError(
                self.env._(
                    "%(invoice)s of %(customer)s was charged or paid: it cannot be rolled back any "
                    "more. Mend single customers by credit notes.",
                    invoice=charged.name,
                    customer=charged.partner_id.display_name,
                )
            )

    def _void(self, moves_sudo: models.BaseModel) -> None:
        actions = self.env["fusion.billing.invoice.actions"].sudo()
        periods_sudo = self.env["fusion.billing.period"].sudo()
        claimed_sudo = periods_sudo.search([("invoice_id", "in", moves_sudo.ids)])
        # The app bills these periods after all, and another cut-over may bill the next ones.
        claimed_sudo.unlink()
        if "sale.subscription.claim" in self.env:  # a table of the stand-in, not of Enterprise
            self.env["sale.subscription.claim"].sudo()._release(moves_sudo)
        for move in moves_sudo:
            if move.state == "draft":
                actions._delete(move)
            elif move.move_type == "out_invoice" and not actions._voided(move):
                actions._void(move, {})
        # Invoice and credit note stay in the ledger; the draft they leave was never invoiced.
        posted_sudo = moves_sudo.exists()
        (posted_sudo | posted_sudo.reversal_move_ids).invoice_line_ids.sale_line_ids = False

    def _to_shadow(self, orders_sudo: models.BaseModel) -> None:
        """Back to what the import had made: a draft with no card and no due date."""
        orders_sudo.filtered("payment_token_id").payment_token_id = False
        orders_sudo.with_context(disable_cancel_warning=True)._action_cancel()
        orders_sudo.action_draft()
        orders_sudo.write(
            {
                "x_fc_shadow": True,
                "x_fc_cutover_id": False,
                "x_fc_billed_from": False,
                "next_invoice_date": False,
            }
        )

    def _pardon(self, service: models.BaseModel, orders_sudo: models.BaseModel) -> None:
        """What the app billed meanwhile is its own to bill, after all."""
        told_sudo = self.env["fusion.billing.app.invoice"].sudo()
        domain = [
            ("service_id", "=", service.id),
            ("external_subscription_id", "in", orders_sudo.mapped("x_fc_external_id")),
            ("after_cutover", "=", True),
        ]
        told_sudo.search(domain).after_cutover = False
        self.env["fusion.billing.app.alarm"]._settle(service)

    def _close(self, service_sudo: models.BaseModel) -> None:
        """Lock the service again when nothing of it is billed here any more."""
        running = self.env["sale.order"].sudo()
        domain = [("x_fc_service_id", "=", service_sudo.id), ("state", "=", "sale")]
        if running.search_count(domain, limit=1):
            return
        service_sudo.charge_ids.write({"plan_id": False})
        service_sudo.mode = "shadow"
