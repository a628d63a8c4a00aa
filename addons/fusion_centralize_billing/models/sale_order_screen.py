"""What a person sees of a subscription's current period on the order form."""

from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import format_date, formatLang

from ..engine.errors import BillingError
from ..engine.wording import quantity


class SaleOrder(models.Model):
    _inherit = "sale.order"

    x_fc_period_display = fields.Char(
        string="Current Period",
        compute="_compute_x_fc_current",
        help="As of the service's clock; local to the subscription.",
    )
    x_fc_usage_summary = fields.Html(
        string="Current Usage", compute="_compute_x_fc_current", sanitize=False
    )

    @api.depends("x_fc_service_id", "x_fc_usage_ids", "plan_id", "start_date")
    @api.depends_context("lang")
    def _compute_x_fc_current(self) -> None:
        """One order at a time: these fields are for its form, not for lists."""
        self.x_fc_period_display = False
        self.x_fc_usage_summary = False
        for order in self.filtered(lambda order: order.x_fc_service_id and order.plan_id):
            now = order.x_fc_service_id._now()
            start, end = self.env["fusion.billing.subscribe"]._current_period(order, now)
            order.x_fc_period_display = self.env._(
                "%(start)s to %(end)s (end excluded)",
                start=format_date(self.env, start),
                end=format_date(self.env, end),
            )
            order.x_fc_usage_summary = order._x_fc_usage_html(start, end)

    def _x_fc_usage_html(self, start, end) -> Markup:
        """A row a metric: what was used so far, in how many events, and what that costs."""
        rating = self.env["fusion.billing.rate"]
        try:
            usage = rating._usage(self, start, end)
            rated = rating._rate(self, start, end)
        except BillingError as error:
            return Markup("<p class='text-danger'>%s</p>") % str(error)
        if not usage:
            return Markup("<p class='text-muted'>%s</p>") % self.env._("No usage yet.")
        lang = self.env.lang or "en_CA"
        rows = Markup().join(
            Markup(
                "<tr><td>%s</td><td class='text-end'>%s</td><td class='text-end'>%s</td>"
                "<td class='text-end'>%s</td></tr>"
            )
            % (
                metric.name,
                quantity(used.quantity, metric.unit or "", lang),
                used.count,
                self._x_fc_amount_so_far(rated, metric.code),
            )
            for metric, used in usage.items()
        )
        titles = (
            self.env._("Metric"),
            self.env._("Used so far"),
            self.env._("Events"),
            self.env._("Amount so far"),
        )
        head = Markup(
            "<th>%s</th><th class='text-end'>%s</th><th class='text-end'>%s</th>"
            "<th class='text-end'>%s</th>"
        )
        return Markup(
            "<table class='table table-sm'><thead><tr>%s</tr></thead><tbody>%s</tbody></table>"
        ) % (head % titles, rows)

    def _x_fc_amount_so_far(self, rated: list, metric_code: str) -> str:
        """Formatted sum of the charges on a metric, or a dash where the plan has none."""
        amounts = [line.amount for line in rated if line.metric_code == metric_code]
        if not amounts:
            return "–"
        return formatLang(self.env, sum(amounts), currency_obj=self.currency_id)
