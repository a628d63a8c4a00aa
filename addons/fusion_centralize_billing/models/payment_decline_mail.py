"""What the customer is asked for when a charge fails: to confirm a payment, or for another card."""

from odoo import fields, models

from ..engine import dunning

TEMPLATES = {"payment": "payment_mail_template_id", "card": "card_mail_template_id"}


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    x_fc_asked_for = fields.Selection(
        [("payment", "A Payment"), ("card", "A New Card")],
        string="Customer Was Asked For",
        readonly=True,
        help="The mail that followed this failed charge.",
    )

    def _conclude_charge(self) -> None:
        result = super()._conclude_charge()
        if self.charge_outcome == "declined":
            self._x_fc_ask_customer()
        return result

    def _x_fc_ask(self) -> str | None:
        """What only the customer can give: ``payment``, ``card``, or nothing for now."""
        what_next = dunning.WHAT_NEXT[self._x_fc_classify()]
        rules_sudo = self.payment_method_id._x_fc_rules()
        if what_next.retry and not rules_sudo.x_fc_retryable:
            return "payment"
        return what_next.ask

    def _x_fc_ask_customer(self) -> None:
        """Queue the policy's mail for this decline; it leaves after the commit.

        Once for an attempt, and once for a card and invoice however often it is tried. What passes
        by itself is left to the reminders of the policy's calendar.
        """
        ask = self._x_fc_ask()
        if not ask or ask in self._x_fc_tries().mapped("x_fc_asked_for"):
            return
        move_sudo = self.sudo().charge_invoice_id
        template_sudo = self._x_fc_policy()[TEMPLATES[ask]]
        if not template_sudo or not move_sudo.partner_id.email:
            return
        self.sudo().x_fc_asked_for = ask
        template_sudo.send_mail(move_sudo.id, force_send=False)

    def _x_fc_policy(self):
        """The policy (sudo) that may write about this charge: not in shadow, in a dispute, of an
        exempt subscription, or before the day a person set."""
        none_sudo = self.env["fusion.billing.dunning.policy"].sudo()
        move_sudo = self.sudo().charge_invoice_id
        service_sudo = move_sudo.x_fc_service_id
        if service_sudo.mode != "live" or move_sudo.x_fc_no_dunning:
            return none_sudo
        stage_sudo = self.env["fusion.billing.enforce"].sudo()
        for order in move_sudo._get_charged_subscriptions():
            today = stage_sudo._today(order)
            current_sudo = stage_sudo._current(order, today)
            held_until = current_sudo.x_fc_dunning_hold_until
            if current_sudo.x_fc_dunning_exempt or (held_until and held_until > today):
                return none_sudo
        return service_sudo.dunning_policy_id
