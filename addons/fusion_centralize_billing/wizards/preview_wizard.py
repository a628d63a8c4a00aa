"""The next invoice of a subscription, before it is made."""

from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import formatLang

from ..engine.errors import BillingError
from ..engine.explain import explain
from ..pipeline.preview import Preview


class PreviewWizard(models.TransientModel):
    """Shows; has nothing to confirm, and so is never saved by its own form."""

    _name = "fusion.billing.preview.wizard"
    _description = "Invoice Preview"

    order_id = fields.Many2one("sale.order", string="Subscription", required=True, readonly=True)
    at = fields.Date(
        string="On or After",
        help="Shows the invoice of the first billing date from this day on. Empty = the next one.",
    )
    invoice_day = fields.Date(string="Invoice Date", compute="_compute_preview")
    content = fields.Html(compute="_compute_preview", sanitize=False)

    @api.depends("order_id", "at")
    @api.depends_context("lang")
    def _compute_preview(self) -> None:
        for wizard in self:
            wizard.invoice_day = wizard.content = False
            if not wizard.order_id:
                continue
            wizard.order_id.check_access("read")  # rating reads as superuser
            try:
                preview = self.env["fusion.billing.preview"]._preview(
                    wizard.order_id, wizard.at or None
                )
            except BillingError as error:
                wizard.content = Markup("<p class='text-danger'>%s</p>") % str(error)
                continue
            wizard.invoice_day = preview.day
            wizard.content = wizard._html(preview)

    def _html(self, preview: Preview) -> Markup:
        """Lines with their explanation to unfold, then taxes and total."""
        row = Markup("<tr><td>%s</td><td class='text-end text-nowrap align-top'>%s</td></tr>")
        rows = [row % (self._line_html(line), self._money(preview, line.amount))
                for line in preview.lines]  # fmt: skip
        rows.append(row % (self.env._("Untaxed amount"), self._money(preview, preview.untaxed)))
        rows += [row % (name, self._money(preview, tax)) for name, tax in preview.taxes.items()]
        total = Markup(
            "<tr class='fw-bold border-top'><td>%s</td><td class='text-end'>%s</td></tr>"
        )
        rows.append(total % (self.env._("Total"), self._money(preview, preview.total)))
        return Markup("<table class='table table-sm'><tbody>%s</tbody></table>") % Markup().join(
            rows
        )

    def _line_html(self, line) -> Markup:
        if not line.trace:
            return Markup("%s") % line.name
        steps = explain(line.trace, self.env.lang or "en_CA")[1:]
        return Markup(
            "<details><summary>%s</summary><small class='text-muted'>%s</small></details>"
        ) % (line.name, Markup("<br/>").join(steps))

    def _money(self, preview: Preview, amount) -> str:
        return formatLang(self.env, float(amount), currency_obj=preview.currency)
