"""Each change of a subscription's service state, as a row: a log in words cannot be sorted."""

from odoo import fields, models

from .sale_order_service_state import STATES


class StateChange(models.Model):
    """From which state to which, when, by whom and why. Written with the change, never changed."""

    _name = "fusion.billing.state.change"
    _description = "Change of Service State"
    _order = "id"
    _rec_name = "order_id"

    order_id = fields.Many2one("sale.order", required=True, ondelete="cascade", index=True)
    service_id = fields.Many2one("fusion.billing.service", ondelete="cascade")
    before = fields.Selection(STATES, required=True)
    after = fields.Selection(STATES, required=True)
    changed_by = fields.Selection([("policy", "The Policy"), ("person", "A Person")])
    reason = fields.Char()
    changed_at = fields.Datetime(required=True, help="As the service's clock says.")


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _fc_announce_state(self, before: str, reason: str, by: str) -> None:
        res = super()._fc_announce_state(before, reason, by)
        self._fc_note_change(before, by, reason)
        return res

    def _fc_take_over(self, reason: str) -> bool:
        taken = super()._fc_take_over(reason)
        if taken:
            self._fc_note_change("suspended", "person", reason)
        return taken

    def _fc_follow(self, state: str, by: str | bool = False) -> None:
        before = self.x_fc_service_state or "active"
        res = super()._fc_follow(state, by)
        if state != before:
            self._fc_note_change(before, by, False)
        return res

    def _fc_note_change(self, before: str, by: str | bool, reason: str | bool) -> None:
        order_sudo = self.sudo()
        service_sudo = order_sudo.x_fc_service_id
        order_sudo.env["fusion.billing.state.change"].create(
            {
                "order_id": order_sudo.id,
                "service_id": service_sudo.id,
                "before": before,
                "after": order_sudo.x_fc_service_state,
                "changed_by": by,
                "reason": reason,
                "changed_at": service_sudo._now() if service_sudo else fields.Datetime.now(),
            }
        )
