"""What a person decides about one subscription: suspend, resume, exempt, hold."""

from datetime import date, timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import format_date

SPARED = ("x_fc_dunning_exempt", "x_fc_dunning_hold_until")
MANAGER = "fusion_centralize_billing.group_fusion_billing_manager"


class SaleOrder(models.Model):
    _inherit = "sale.order"

    x_fc_dunning_exempt = fields.Boolean(
        string="Exempt from Dunning",
        copy=False,
        tracking=True,
        help="No policy reminds, suspends or terminates this subscription.",
    )
    x_fc_dunning_hold_until = fields.Date(
        string="Dunning on Hold Until",
        copy=False,
        tracking=True,
        help="Before this day no step of the policy is taken.",
    )
    x_fc_past_due_since = fields.Date(
        string="Past Due Since", copy=False, readonly=True, help="Oldest unpaid due date."
    )
    x_fc_dunning_case_ids = fields.One2many(
        "fusion.billing.dunning.case", "order_id", string="Dunning Cases"
    )

    @api.model_create_multi
    def create(self, vals_list: list[dict]):
        self._fc_check_spared(*vals_list)
        return super().create(vals_list)

    def write(self, vals: dict) -> bool:
        self._fc_check_spared(vals)
        return super().write(vals)

    def _fc_check_spared(self, *vals_list: dict) -> None:
        """Who may edit an order may not take its customer out of dunning, over RPC either."""
        if any(vals.get(name) or (self and name in vals) for vals in vals_list for name in SPARED):
            self._fc_check_decider()

    def _get_unpaid_subscriptions(self) -> dict:
        """A plan's own automatic closing leaves alone whom a policy looks after: the policy ends
        a subscription on its day, after its warnings, and tells the app."""
        found = super()._get_unpaid_subscriptions()
        policy = "x_fc_service_id.dunning_policy_id"
        return {order: why for order, why in found.items() if not order.sudo().mapped(policy)}

    # ------------------------------------------------------------------ a person's word
    def action_fc_decide(self) -> dict:
        """Open the dialogue for what the context asks: suspend, resume, exempt, unexempt, hold."""
        self.ensure_one()
        self._fc_check_decider()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Service of %(order)s", order=self.name),
            "res_model": "fusion.billing.dunning.decision",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_order_id": self.id,
                "default_decision": self.env.context.get("fc_decision", "suspend"),
            },
        }

    def _fc_check_decider(self) -> None:
        """Billing managers decide about a service; who may edit an order may not."""
        if not self.env.su and not self.env.user.has_group(MANAGER):
            raise AccessError(self.env._("Only billing administrators decide about a service."))

    def _fc_suspend_by_hand(self, reason: str) -> bool:
        """Until a person resumes it: no payment lifts this suspension."""
        self._fc_check_running()
        return self._fc_set_service_state("suspended", by="person", reason=reason)

    def _fc_resume_by_hand(self, reason: str) -> bool:
        """Whoever suspended it. Where something is still overdue it is past due, and runs.

        The suspension of the policy is not repeated in the same case; what comes after it does.
        """
        self._fc_check_running()
        owes = self.env["fusion.billing.enforce"]._open_case(self)
        return self._fc_set_service_state(
            "past_due" if owes else "active", by="person", reason=reason
        )

    def _fc_exempt(self, exempt: bool, reason: str) -> None:
        """Take the subscription out of dunning, or back in. An open case closes at once."""
        self.ensure_one()
        order_sudo = self.sudo()
        order_sudo.x_fc_dunning_exempt = exempt
        self._fc_tell(
            self.env._("Exempt from dunning. %(reason)s", reason=reason)
            if exempt
            else self.env._("No longer exempt from dunning. %(reason)s", reason=reason)
        )
        stage_sudo = self.env["fusion.billing.enforce"].sudo()
        if exempt and stage_sudo._open_case(order_sudo):
            stage_sudo._settle(order_sudo)

    def _fc_hold(self, until: date, reason: str) -> None:
        """No step of the policy before that day."""
        self.ensure_one()
        order_sudo = self.sudo()
        order_sudo.x_fc_dunning_hold_until = until
        self._fc_tell(
            self.env._(
                "Dunning on hold until %(day)s. %(reason)s",
                day=format_date(self.env, until),
                reason=reason,
            )
        )

    def _fc_check_running(self) -> None:
        """A quotation, a shadow order and an ended one have no service to speak of."""
        self.ensure_one()
        service_sudo = self.x_fc_service_id.sudo()
        live = service_sudo.mode == "live" and self.state == "sale"
        if not live or self.x_fc_service_state == "terminated":
            raise UserError(
                self.env._("%(order)s does not run as a live subscription.", order=self.name)
            )

    # ------------------------------------------------------------------ fees of a suspension
    def _fc_write_state(self, state: str, by: str | bool) -> None:
        """A suspension without fees begins and ends: see `docs/dunning.md`."""
        before = self.x_fc_service_state
        if state == "suspended" and before != state:
            self._x_fc_remember_usage()
        result = super()._fc_write_state(state, by)
        if before == "suspended" and state != before:
            self._fc_pass_over_missed_periods()
        return result

    def _fc_pass_over_missed_periods(self) -> None:
        """Periods that began during the suspension are not billed afterwards, nor at the end."""
        policy_sudo = self.x_fc_service_id.sudo().dunning_policy_id
        if not self.x_fc_service_id or policy_sudo.bill_while_suspended:
            return
        # One that begins today is billed, unless today is the last day.
        ends = self.x_fc_service_state == "terminated"
        missed: date = self._x_fc_today() - timedelta(days=0 if ends else 1)
        if self.next_invoice_date and self.next_invoice_date <= missed:
            order_sudo = self.sudo()
            order_sudo.next_invoice_date = order_sudo._x_fc_calendar_end(missed)

    def _recurring_invoice_domain(self, extra_domain=None) -> Domain:
        """No fee falls due during a suspension, unless the policy says so."""
        domain = Domain(super()._recurring_invoice_domain(extra_domain=extra_domain))
        # Who sells may bill without being allowed to read services and policies.
        policy = Domain("dunning_policy_id", "any!", [("bill_while_suspended", "=", True)])
        billed = Domain("x_fc_service_id", "any!", policy)
        return domain & (Domain("x_fc_service_state", "!=", "suspended") | billed)
