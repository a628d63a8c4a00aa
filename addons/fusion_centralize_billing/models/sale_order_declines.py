"""What follows from a failed charge: the code decides whether, the policy when."""

from datetime import date

from odoo import fields, models

from ..engine import dunning


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _get_next_charge_date(self, attempt) -> date | None:
        """Only a soft decline passes by itself. Where a policy retries, it says when, and nobody
        else: two calendars would charge the same card twice as often as either means to."""
        if not attempt._x_fc_leaves_hope():
            return None
        if attempt._x_fc_passes():
            return attempt.charge_date or self._get_billing_today()
        return None if self._x_fc_policy_retries() else super()._get_next_charge_date(attempt)

    def _x_fc_policy_retries(self) -> bool:
        """Whether a dunning policy says when this subscription's card is tried again."""
        order_sudo = self.sudo()
        service_sudo = order_sudo.x_fc_service_id
        if service_sudo.mode != "live" or not service_sudo.dunning_policy_id:
            return False
        stage_sudo = self.env["fusion.billing.enforce"].sudo()
        current_sudo = stage_sudo._current(order_sudo, stage_sudo._today(order_sudo))
        steps = service_sudo.dunning_policy_id.step_ids
        return not current_sudo.x_fc_dunning_exempt and "retry" in steps.mapped("action")

    def _note_failed_charge(self, attempt):
        """A card that must never be charged again is put away; the customer reads no reason."""
        self._x_fc_wait_an_hour(attempt)
        result = super()._note_failed_charge(attempt)
        what_next = dunning.WHAT_NEXT[attempt._x_fc_classify()]
        token_sudo = attempt.sudo().token_id
        if what_next.archive and token_sudo.active:
            token_sudo.active = False
        return result

    def _x_fc_wait_an_hour(self, attempt) -> None:
        """After a fault of the moment the card is tried again, but not within the same hour."""
        moment = False
        if attempt._x_fc_passes():
            service_sudo = self.x_fc_service_id[:1].sudo()
            now = service_sudo._now() if service_sudo else fields.Datetime.now()
            moment = now + dunning.PASSES_AFTER
            cron_sudo = self.env.ref("sale_subscription.ir_cron_charge_saved_cards").sudo()
            cron_sudo._trigger(at=fields.Datetime.now() + dunning.PASSES_AFTER)
        attempt.charge_invoice_id.x_fc_charge_not_before = moment

    def _say_next_charge(self, attempt, again: date | None) -> str:
        if again and attempt._x_fc_passes():
            return self.env._("It is tried again in an hour.")
        if not again and attempt._x_fc_leaves_hope() and self._x_fc_policy_retries():
            return self.env._("The dunning policy says when it is tried again.")
        return super()._say_next_charge(attempt, again)
