"""What was done about a case, step by step: the record that makes each step happen once."""

from odoo import fields, models


class DunningAction(models.Model):
    """One step of a policy, done for one case. The unique index is what "once" means."""

    _name = "fusion.billing.dunning.action"
    _description = "Dunning Action"
    _order = "case_id, done_at, id"
    _rec_name = "action"

    case_id = fields.Many2one(
        "fusion.billing.dunning.case", required=True, ondelete="cascade", index=True
    )
    service_id = fields.Many2one(related="case_id.service_id", store=True, index=True)
    step_id = fields.Many2one("fusion.billing.dunning.step", ondelete="set null", index=True)
    # Kept as it was: the policy may change afterwards.
    day = fields.Integer(readonly=True)
    action = fields.Selection(
        [
            ("mail", "Mail"),
            ("retry", "Retry the card"),
            ("suspend", "Suspend"),
            ("terminate", "Terminate"),
        ],
        required=True,
    )
    due_on = fields.Date(
        required=True, help="The day it was due, weekends and holidays considered."
    )
    done_on = fields.Date(required=True, help="The customer's local day on which it was done.")
    done_at = fields.Datetime(required=True, help="As the service's clock says.")
    outcome = fields.Selection(
        [
            ("done", "Done"),
            ("overtaken", "Overtaken"),
            ("nothing", "Nothing to Do"),
            ("failed", "Failed"),
        ],
        required=True,
        help="Overtaken: a later step was due on the same day and stands for this one.",
    )
    note = fields.Char()

    _step_uniq = models.UniqueIndex("(case_id, step_id)", "This step was done for this case.")
