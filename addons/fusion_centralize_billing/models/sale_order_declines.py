"""What a decline says decides whether the card is tried again: `engine.dunning.classify`."""

from datetime import date

from odoo import models

from ..engine import dunning


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _get_next_charge_date(self, attempt) -> date | None:
        """Only a soft decline passes by itself. An attempt without the bank's code keeps its days:
        the provider refused the request, and a person may have mended what was wrong with it."""
        kind = dunning.classify(attempt.charge_code or None, attempt.charge_decline_code or None)
        if not dunning.WHAT_NEXT[kind].retry and kind != dunning.UNKNOWN:
            return None
        return super()._get_next_charge_date(attempt)

    def _note_failed_charge(self, attempt):
        """A card that must never be charged again is put away; the customer reads no reason."""
        result = super()._note_failed_charge(attempt)
        kind = dunning.classify(attempt.charge_code or None, attempt.charge_decline_code or None)
        token_sudo = attempt.sudo().token_id
        if dunning.WHAT_NEXT[kind].archive and token_sudo.active:
            token_sudo.active = False
        return result
