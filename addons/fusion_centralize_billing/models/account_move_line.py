"""A usage line carries the data that explains it."""

from markupsafe import Markup

from odoo import api, fields, models

from ..engine.explain import explain
from ..engine.wording import money
from ..pipeline.gate import to_decimal


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    x_fc_line_key = fields.Char(
        string="Rated Line", readonly=True, help="Stable key of the rated line within its period."
    )
    x_fc_period_start = fields.Date(string="Usage From", readonly=True)
    x_fc_period_end = fields.Date(
        string="Usage Until", readonly=True, help="First day after the period."
    )
    x_fc_trace = fields.Json(
        string="Rating Trace", readonly=True, help="Replayable derivation of the amount."
    )
    x_fc_credited_line_id = fields.Many2one(
        "account.move.line",
        string="Credits the Line",
        readonly=True,
        copy=False,
        ondelete="restrict",
        help="The billed line whose unused days this one gives back.",
    )
    x_fc_explanation = fields.Text(string="Explanation", compute="_compute_x_fc_explanation")

    _x_fc_credit_uniq = models.UniqueIndex(
        "(x_fc_credited_line_id, x_fc_line_key)"
        " WHERE x_fc_credited_line_id IS NOT NULL AND parent_state != 'cancel'",
        "These days were credited already.",
    )

    @api.depends("x_fc_trace")
    @api.depends_context("lang")
    def _compute_x_fc_explanation(self) -> None:
        """Every step from the counter to the amount, one sentence a line."""
        lang = self.env.lang or "en_CA"
        for line in self:
            trace = line.x_fc_trace
            line.x_fc_explanation = "\n".join(explain(trace, lang)) if trace else False

    def _x_fc_explanation_html(self) -> Markup:
        """The explanation as a table: a bold title, one row a step, the line's amount."""
        title, *steps = (self.x_fc_explanation or self.name or "").split("\n")
        rows = Markup().join(
            Markup("<tr><td>%s</td><td class='text-end text-nowrap'>%s</td></tr>")
            % _split_step(step)
            for step in steps
        )
        return Markup(
            "<table class='table table-sm table-borderless mb-4'>"
            "<thead><tr class='border-bottom'><th>%s</th><th class='text-end'>%s</th></tr></thead>"
            "<tbody>%s</tbody></table>"
        ) % (
            title,
            money(
                to_decimal(self.price_subtotal),
                self.currency_id.name,
                self.env.lang or "en_CA",
                self.currency_id.decimal_places,
            ),
            rows,
        )


def _split_step(step: str) -> tuple[str, str]:
    """Label and figure of a step; a sentence without a figure fills the label.

    >>> _split_step("Units: 1,250 × $0.0025 = $3.125")
    ('Units', '1,250 × $0.0025 = $3.125')
    """
    # French puts a no-break space before the colon.
    label, colon, figure = step.partition(": ")
    return (label.rstrip("\u00a0"), figure) if colon else (step, "")
