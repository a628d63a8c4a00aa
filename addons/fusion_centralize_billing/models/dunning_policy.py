"""What happens when a customer does not pay: a calendar an operator can read, per service."""

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .. import engine


class DunningPolicy(models.Model):
    """Steps from the first reminder to the end, and whom they spare.

    A service without a policy reminds, suspends and terminates nobody.
    """

    _name = "fusion.billing.dunning.policy"
    _description = "Dunning Policy"
    _inherit = ["mail.thread"]
    _check_company_auto = True
    _order = "name, id"

    name = fields.Char(required=True, tracking=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, index=True
    )
    currency_id = fields.Many2one(
        "res.currency", required=True, default=lambda self: self.env.company.currency_id
    )
    minimum_balance = fields.Monetary(
        default=5.0,
        tracking=True,
        help="Nobody is suspended or terminated while less than this is overdue, and who falls "
        "below it is resumed.",
    )
    business_days_only = fields.Boolean(
        default=True,
        tracking=True,
        help="Mails, suspensions and terminations that fall on a weekend or on a public holiday "
        "of the customer's province move to the next business day.",
    )
    bill_while_suspended = fields.Boolean(
        tracking=True,
        help="Unticked: no recurring fee falls due during a suspension, and none of the missed "
        "periods is billed afterwards. Usage is billed in any case.",
    )
    payment_mail_template_id = fields.Many2one(
        "mail.template",
        string="Customer Must Confirm",
        domain="[('model', '=', 'account.move')]",
        ondelete="restrict",
        help="Mailed at once when a bank wants its customer to confirm a charge: the payment link.",
    )
    card_mail_template_id = fields.Many2one(
        "mail.template",
        string="New Card Needed",
        domain="[('model', '=', 'account.move')]",
        ondelete="restrict",
        help="Mailed at once when a saved card can no longer be charged.",
    )
    service_ids = fields.One2many(
        "fusion.billing.service", "dunning_policy_id", string="Services", readonly=True
    )
    step_ids = fields.One2many(
        "fusion.billing.dunning.step", "policy_id", string="Steps", copy=True
    )
    case_ids = fields.One2many("fusion.billing.dunning.case", "policy_id", string="Cases")
    calendar = fields.Html(compute="_compute_calendar", sanitize=False, string="In Plain Words")

    _minimum_not_negative = models.Constraint(
        "CHECK (minimum_balance >= 0)", "The threshold cannot be negative."
    )

    @api.depends(
        "step_ids.day",
        "step_ids.action",
        "step_ids.mail_template_id",
        "minimum_balance",
        "business_days_only",
        "bill_while_suspended",
        "currency_id",
    )
    @api.depends_context("lang")
    def _compute_calendar(self) -> None:
        row = Markup("<li class='mb-1'><strong>%s</strong>: %s</li>")
        for policy in self:
            days = policy.step_ids.sorted(lambda step: (step.day, step.action)).grouped("day")
            rows = [
                row % (self.env._("Day %(day)s", day=day), steps._in_words())
                for day, steps in days.items()
            ]
            policy.calendar = Markup("<ul class='list-unstyled mb-2'>%s</ul>%s") % (
                Markup().join(rows),
                Markup().join(
                    Markup("<p class='text-muted mb-1'>%s</p>") % rule for rule in policy._rules()
                ),
            )

    def _rules(self) -> list[str]:
        """The policy's conditions, a sentence each."""
        self.ensure_one()
        amount = self.currency_id.format(self.minimum_balance) if self.currency_id else ""
        closed = (
            self.env._("Weekends and holidays of the customer's province move to the next day.")
            if self.business_days_only
            else self.env._("Every day counts, weekends and holidays too.")
        )
        fees = (
            self.env._("Fees go on being billed during a suspension.")
            if self.bill_while_suspended
            else self.env._("No fee is billed for a period that begins during a suspension.")
        )
        return [
            self.env._("Day 0 is the day the oldest unpaid invoice was due."),
            self.env._("Below %(amount)s nobody is suspended or terminated.", amount=amount),
            closed,
            fees,
        ]

    @api.constrains("step_ids")
    def _check_order_of_steps(self) -> None:
        """An end comes after everything else."""
        for policy in self:
            ends = policy.step_ids.filtered(lambda step: step.action == "terminate")
            last = max(policy.step_ids.mapped("day"), default=0)
            if len(ends) > 1 or (ends and ends.day < last):
                raise ValidationError(
                    self.env._("“Terminate” must be the last step of the calendar, and only once.")
                )

    def _to_engine(self) -> list["engine.dunning.Step"]:
        """The steps as the engine reads them; the key is the step's id."""
        self.ensure_one()
        return [
            engine.dunning.Step(step.id, step.day, step.action, bool(step.mail_template_id))
            for step in self.step_ids
        ]
