from odoo import api, fields, models
from odoo.exceptions import ValidationError


class AccountMoveLine(models.Model):
    """The period that a journal item is for. Both days are included: 1 to 31 March is March.

    Community's own e-invoicing formats look for these two fields and export them as the invoice
    period of the line. Nothing here books deferred revenue.
    """

    _inherit = "account.move.line"

    deferred_start_date = fields.Date(
        string="Start Date", help="First day of the period that this line is for."
    )
    deferred_end_date = fields.Date(
        string="End Date", help="Last day, included, of the period that this line is for."
    )

    @api.constrains("deferred_start_date", "deferred_end_date")
    def _check_deferred_dates(self) -> None:
        for line in self:
            start, end = line.deferred_start_date, line.deferred_end_date
            if start and end and start > end:
                raise ValidationError(
                    self.env._(
                        "The period of the line “%(line)s” ends on %(end)s, before it starts"
                        " on %(start)s.",
                        line=line.name or line.display_name,
                        start=start,
                        end=end,
                    )
                )
