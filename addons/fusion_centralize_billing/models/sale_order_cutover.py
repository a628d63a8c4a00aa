"""Where a subscription stands between the app's billing and ours."""

from datetime import date

from odoo import api, fields, models
from odoo.exceptions import UserError


class SaleOrder(models.Model):
    _inherit = "sale.order"

    x_fc_shadow = fields.Boolean(
        string="In Shadow",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="Imported or created while the app still bills. Only a cut-over or the go-live of its "
        "service confirms it.",
    )
    x_fc_cutover_id = fields.Many2one(
        "fusion.billing.cutover",
        string="Cut-over",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
    )
    x_fc_billed_from = fields.Date(
        string="Billed Here From",
        readonly=True,
        copy=False,
        help="Day of the first invoice here. Whatever the app issues on or after it would be a "
        "second bill for the same period.",
    )

    @api.model_create_multi
    def create(self, vals_list: list[dict]) -> "SaleOrder":
        """An order of a shadow service is in shadow, whoever makes it."""
        orders = super().create(vals_list)
        orders.filtered(
            lambda order: (
                order.x_fc_service_id.sudo().mode == "shadow" and not order.subscription_id
            )
        ).x_fc_shadow = True
        return orders

    def action_confirm(self) -> bool:
        """First shadow lock of an order whose service bills other subscriptions already.

        :raise UserError: it waits for its cut-over
        """
        waiting = self.filtered(
            lambda order: order.x_fc_shadow and order.x_fc_service_id.sudo().mode == "live"
        )
        if waiting:
            raise UserError(
                self.env._(
                    "%(order)s is in shadow, its app still bills it: cut it over to confirm it.",
                    order=waiting[0].name,
                )
            )
        return super().action_confirm()

    def _fc_app_invoices_from(self, day: date) -> models.BaseModel:
        """What the app itself billed this subscription on ``day`` or later, as far as it told us.

        An app's invoice falls due on the end of its period, as ours does.
        """
        self.ensure_one()
        return (
            self.env["fusion.billing.app.invoice"]
            .sudo()
            .search(
                [
                    ("service_id", "=", self.x_fc_service_id.id),
                    ("external_subscription_id", "=", self.x_fc_external_id),
                    ("period_end", ">=", day),
                ],
                order="period_end, id",
            )
        )

    def _fc_waiting_domain(self) -> list:
        """What a cut-over may take: drafts in shadow that neither ended nor are upsells."""
        return [
            ("x_fc_shadow", "=", True),
            ("x_fc_terminated_at", "=", False),
            ("state", "in", ("draft", "sent")),
        ]
