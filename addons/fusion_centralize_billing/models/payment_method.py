"""How money comes by each payment method, as data: another method is another row."""

from datetime import date, timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class PaymentMethod(models.Model):
    """What collecting and dunning have to know of a method. Days are calendar days.

    Brands (Visa, Mastercard) follow the method they belong to.
    """

    _inherit = "payment.method"

    x_fc_settlement_days = fields.Integer(
        string="Settles Within (Days)",
        default=2,
        help="So long the outcome of a charge may stay open. Meanwhile the invoice does not count "
        "as unpaid: nobody is reminded of it, suspended or terminated.",
    )
    x_fc_notice_days = fields.Integer(
        string="Announced Before (Days)",
        help="The customer is written to so many days before the first charge of an invoice. "
        "0: no notice.",
    )
    x_fc_notice_template_id = fields.Many2one(
        "mail.template",
        string="Notice",
        domain="[('model', '=', 'account.move')]",
        ondelete="restrict",
        help="The mail that announces the charge.",
    )
    x_fc_reversible_days = fields.Integer(
        string="Can Be Contested for (Days)",
        help="So long the customer may have a charge reversed; the notice tells them.",
    )
    x_fc_retryable = fields.Boolean(
        string="Tried Again by Itself",
        default=True,
        help="Whether a charge that failed may be repeated without the customer.",
    )
    x_fc_max_tries = fields.Integer(
        string="Most Tries",
        default=20,
        help="For one invoice with one card or account, within the days below. Nothing is charged "
        "beyond, whoever asks.",
    )
    x_fc_tries_days = fields.Integer(string="Most Tries Within (Days)", default=30)

    _x_fc_days_not_negative = models.Constraint(
        "CHECK (x_fc_settlement_days >= 0 AND x_fc_notice_days >= 0 AND x_fc_reversible_days >= 0 "
        "AND x_fc_max_tries > 0 AND x_fc_tries_days > 0)",
        "Days cannot be negative, and at least one try is needed.",
    )

    @api.constrains("x_fc_notice_days", "x_fc_notice_template_id")
    def _check_notice(self) -> None:
        for method in self:
            if method.x_fc_notice_days and not method.x_fc_notice_template_id:
                raise ValidationError(
                    self.env._("Choose the mail that announces a charge by %s.", method.name)
                )

    def _x_fc_rules(self):
        """The method (sudo) whose figures hold for this one: a brand has those of its method."""
        return self.sudo().primary_payment_method_id or self.sudo()

    def _x_fc_certain_on(self, charged_on: date) -> date:
        """The last day on which the outcome of a charge of that day may still be open."""
        return charged_on + timedelta(days=self._x_fc_rules().x_fc_settlement_days)
