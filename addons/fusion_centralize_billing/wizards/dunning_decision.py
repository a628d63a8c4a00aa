"""A person's decision about the service of one subscription, with its reason."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class DunningDecision(models.TransientModel):
    """Suspend, resume, exempt, or hold until a day. The reason stands in the chatter for good."""

    _name = "fusion.billing.dunning.decision"
    _description = "Decision about a Service"

    order_id = fields.Many2one("sale.order", string="Subscription", required=True, readonly=True)
    decision = fields.Selection(
        [
            ("suspend", "Suspend the service"),
            ("resume", "Resume the service"),
            ("exempt", "Exempt from dunning"),
            ("unexempt", "End the exemption"),
            ("hold", "Hold dunning until a day"),
        ],
        required=True,
        default="suspend",
    )
    until = fields.Date(help="The policy goes on on this day.")
    reason = fields.Char(required=True, help="Kept with the subscription; the app is told too.")
    effect = fields.Char(compute="_compute_effect")

    @api.depends("decision")
    @api.depends_context("lang")
    def _compute_effect(self) -> None:
        effects = {
            "suspend": self.env._("A payment will not resume it: a person has to."),
            "resume": self.env._("Whoever suspended it. What is overdue stays overdue."),
            "exempt": self.env._(
                "Nobody is reminded, suspended or terminated; the policy's suspension ends now."
            ),
            "unexempt": self.env._("The policy looks at what is overdue from its next run on."),
            "hold": self.env._("No step is taken before that day; a suspension stays as it is."),
        }
        for wizard in self:
            wizard.effect = effects.get(wizard.decision)

    def action_confirm(self) -> dict:
        """Do it, as the current user, who has to be a billing administrator."""
        self.ensure_one()
        order = self.order_id
        order._fc_check_decider()
        getattr(self, f"_decide_{self.decision}")(order)
        return {"type": "ir.actions.act_window_close"}

    def _decide_suspend(self, order: models.BaseModel) -> None:
        order._fc_suspend_by_hand(self.reason)

    def _decide_resume(self, order: models.BaseModel) -> None:
        order._fc_resume_by_hand(self.reason)

    def _decide_exempt(self, order: models.BaseModel) -> None:
        order._fc_exempt(True, self.reason)

    def _decide_unexempt(self, order: models.BaseModel) -> None:
        order._fc_exempt(False, self.reason)

    def _decide_hold(self, order: models.BaseModel) -> None:
        if not self.until:
            raise ValidationError(self.env._("Until when? Choose a day."))
        order._fc_hold(self.until, self.reason)
