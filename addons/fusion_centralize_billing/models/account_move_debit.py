"""Charges that take days: announced beforehand, and not counted as unpaid while under way."""

from datetime import date, timedelta

from odoo import fields, models
from odoo.tools import format_date

# The provider may still take this money, or has taken it.
UNDER_WAY = ("ready", "open", "unknown", "mismatch")


class AccountMove(models.Model):
    _inherit = "account.move"

    x_fc_debit_notice_on = fields.Date(
        string="Charge Announced On",
        copy=False,
        readonly=True,
        help="When the customer was told that this invoice will be charged.",
    )

    x_fc_charge_method_id = fields.Many2one(
        "payment.method", string="Charged By", compute="_compute_x_fc_charge_method_id"
    )

    def _compute_x_fc_charge_method_id(self) -> None:
        for move in self:
            method_sudo = move._x_fc_charged_token().payment_method_id._x_fc_rules()
            move.x_fc_charge_method_id = method_sudo.id

    def _note_scheduled_charge(self) -> None:
        """A method that has to be announced is charged so many days after its notice."""
        result = super()._note_scheduled_charge()
        for move in self:
            service_sudo = move.sudo().x_fc_service_id
            if not service_sudo or service_sudo.mode == "live":
                move._x_fc_announce_charge()
        return result

    def _x_fc_announce_charge(self) -> None:
        """Write to the customer once for each invoice. Nobody is charged who cannot be told."""
        move_sudo = self.sudo()
        rules_sudo = move_sudo._x_fc_charged_token().payment_method_id._x_fc_rules()
        if not rules_sudo.x_fc_notice_days:
            return
        if not move_sudo.partner_id.email:
            move_sudo.next_charge_date = False
            move_sudo.message_post(
                body=self.env._(
                    "Not charged: a charge by %(method)s has to be announced, and %(partner)s has "
                    "no e-mail address.",
                    method=rules_sudo.name,
                    partner=move_sudo.partner_id.display_name,
                )
            )
            return
        today = self.env["sale.order"]._get_billing_today()
        announced = move_sudo.x_fc_debit_notice_on or today
        earliest = announced + timedelta(days=rules_sudo.x_fc_notice_days)
        move_sudo.next_charge_date = max(today, earliest)
        if not move_sudo.x_fc_debit_notice_on:
            move_sudo.x_fc_debit_notice_on = today
            rules_sudo.x_fc_notice_template_id.send_mail(move_sudo.id, force_send=False)
            move_sudo.message_post(
                body=self.env._(
                    "Announced to %(email)s: charged on %(day)s.",
                    email=move_sudo.partner_id.email,
                    day=format_date(self.env, move_sudo.next_charge_date),
                )
            )

    def _x_fc_charges(self):
        """The charges (sudo) of saved cards for these invoices; none where the edition of Odoo
        keeps no attempts."""
        none_sudo = self.env["payment.transaction"].sudo()
        return self.sudo().charge_ids if "charge_ids" in self._fields else none_sudo

    def _x_fc_charged_token(self):
        """The saved card or account (sudo) that the run would charge."""
        return self.sudo()._get_charged_subscriptions()[:1].payment_token_id

    def _x_fc_under_way_until(self) -> date | None:
        """The last day on which money for this invoice may still come by itself, if any.

        A charge whose outcome is open, for as long as its method settles, be it ours or what the
        customer paid in the portal; or one that is announced and has not been tried yet.
        """
        self.ensure_one()
        move_sudo = self.sudo()
        days = [
            attempt.payment_method_id._x_fc_certain_on(attempt.charge_date)
            for attempt in move_sudo._x_fc_charges()
            if attempt.charge_outcome in UNDER_WAY and attempt.charge_date
        ]
        if not move_sudo.x_fc_service_id.test_clock:  # what a person pays has no other clock
            days += [
                tx.payment_method_id._x_fc_certain_on(tx.last_state_change.date())
                for tx in move_sudo.transaction_ids
                if tx.state in ("pending", "authorized") and tx not in move_sudo._x_fc_charges()
            ]
        untried = move_sudo.x_fc_debit_notice_on and not move_sudo._x_fc_charges()
        if untried and move_sudo.next_charge_date:
            method = move_sudo._x_fc_charged_token().payment_method_id
            days.append(method._x_fc_certain_on(move_sudo.next_charge_date))
        return max(days, default=None)
