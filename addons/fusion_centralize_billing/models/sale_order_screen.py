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
        for order in self.filtered(lambda order: order._x_fc_is_metered()):
            now = order.x_fc_service_id._now()
            try:
                current = self.env["fusion.billing.rate"]._current_usage(order, now)
            except BillingError as error:
                order.x_fc_usage_summary = Markup("<p class='text-danger'>%s</p>") % str(error)
                continue
            order.x_fc_period_display = self.env._(
                "%(start)s to %(end)s",
                start=format_date(self.env, current.period.start),
                end=format_date(self.env, current.period.last_day),
            )
            order.x_fc_usage_summary = order._x_fc_usage_html(current)

    def _x_fc_is_metered(self) -> bool:
        """Whether usage may count for this order: an upsell's counts for its contract."""
        return bool(self.x_fc_service_id and self.plan_id and self.subscription_state != "7_upsell")

    def _x_fc_usage_html(self, current) -> Markup:
        """A row a charge: what was used so far, in how many events, and what that costs."""
        if not current.charges:
            return Markup("<p class='text-muted'>%s</p>") % self.env._(
                "The plan has no usage charge."
            )
        lang = self.env.lang or "en_CA"
        row = Markup(
            "<tr><td>%s</td><td class='text-end'>%s</td><td class='text-end'>%s</td>"
            "<td class='text-muted'>%s</td><td class='text-end'>%s</td></tr>"
        )
        rows = Markup().join(
            row
            % (
                item.charge.name,
                quantity(item.quantity, item.charge.metric_id.unit or "", lang),
                item.usage.count,
                item.charge.price_summary,
                formatLang(self.env, float(item.amount), currency_obj=current.currency),
            )
            for item in current.charges
        )
        titles = (
            self.env._("Charge"),
            self.env._("Used so far"),
            self.env._("Events"),
            self.env._("Price"),
            self.env._("Amount so far"),
        )
        head = Markup(
            "<th>%s</th><th class='text-end'>%s</th><th class='text-end'>%s</th><th>%s</th>"
            "<th class='text-end'>%s</th>"
        )
        return Markup(
            "<table class='table table-sm'><thead><tr>%s</tr></thead><tbody>%s</tbody></table>"
        ) % (head % titles, rows)
