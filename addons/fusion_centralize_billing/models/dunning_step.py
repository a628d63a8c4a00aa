"""One line of a dunning policy: on this day, do this."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

ACTIONS = [
    ("mail", "Mail"),
    ("retry", "Retry the card"),
    ("suspend", "Suspend"),
    ("terminate", "Terminate"),
]


class DunningStep(models.Model):
    """An action on a day, and the mail that goes with it."""

    _name = "fusion.billing.dunning.step"
    _description = "Dunning Step"
    _order = "day, action, id"
    _rec_name = "sentence"

    policy_id = fields.Many2one(
        "fusion.billing.dunning.policy", required=True, ondelete="cascade", index=True
    )
    day = fields.Integer(required=True, help="Days after the due date of the oldest open invoice.")
    action = fields.Selection(ACTIONS, required=True, default="mail")
    mail_template_id = fields.Many2one(
        "mail.template",
        string="Mail to the Customer",
        domain="[('model', '=', 'fusion.billing.dunning.case')]",
        ondelete="restrict",
    )
    sentence = fields.Char(compute="_compute_sentence", string="In Words")

    _day_uniq = models.UniqueIndex(
        "(policy_id, day, action)", "This policy does that on that day already."
    )
    _day_not_negative = models.Constraint(
        "CHECK (day >= 0)", "A step cannot come before the due date."
    )

    @api.depends("day", "action", "mail_template_id")
    @api.depends_context("lang")
    def _compute_sentence(self) -> None:
        for step in self:
            step.sentence = self.env._("Day %(day)s: %(what)s", day=step.day, what=step._in_words())

    @api.constrains("action", "mail_template_id")
    def _check_mail(self) -> None:
        for step in self:
            if step.action == "mail" and not step.mail_template_id:
                raise ValidationError(self.env._("Choose the mail of day %(day)s.", day=step.day))
            if step.mail_template_id and step.mail_template_id.model != CASE:
                raise ValidationError(
                    self.env._(
                        "“%(name)s” is no mail about a dunning case.",
                        name=step.mail_template_id.name,
                    )
                )

    def _in_words(self) -> str:
        """What these steps of one day do: "retry the card and mail “Reminder”"."""
        words = {
            "retry": self.env._("retry the card"),
            "suspend": self.env._("suspend the service"),
            "terminate": self.env._("terminate the subscription"),
        }
        said = [words[step.action] for step in self if step.action in words]
        mails = self.mail_template_id.mapped("name")
        said += [self.env._("mail “%(name)s”", name=name) for name in mails]
        *first, last = said or [""]
        if not first:
            return last
        return self.env._("%(first)s and %(last)s", first=", ".join(first), last=last)


CASE = "fusion.billing.dunning.case"
