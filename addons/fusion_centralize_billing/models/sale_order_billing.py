"""Odoo's own invoicing hooks, through which usage reaches the subscription's invoice."""

from odoo import Command, models
from odoo.fields import Domain


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _prepare_invoice(self) -> dict:
        """Add what Odoo cannot know: service, journal, billing date and the usage lines."""
        values = super()._prepare_invoice()
        if not self.x_fc_service_id:
            return values
        service_sudo = self.x_fc_service_id.sudo()
        values["x_fc_service_id"] = service_sudo.id
        if service_sudo.journal_id:
            values["journal_id"] = service_sudo.journal_id.id
        if self.env.context.get("billing_date"):
            values["invoice_date"] = self.env.context["billing_date"]
        lines = self.env["fusion.billing.invoice"]._usage_line_vals(self)
        values["invoice_line_ids"] += [Command.create(vals) for vals in lines]
        return values

    def _get_invoice_grouping_keys(self) -> list[str]:
        """One invoice per service, whatever else two orders share."""
        return [*super()._get_invoice_grouping_keys(), "x_fc_service_id"]

    def _recurring_invoice_domain(self, extra_domain=None) -> Domain:
        """Leave shadow services and test clocks out of unattended invoicing."""
        domain = Domain(super()._recurring_invoice_domain(extra_domain=extra_domain))
        if self.env.context.get("billing_date"):
            return domain
        attended = Domain("x_fc_service_id.mode", "=", "live") & Domain(
            "x_fc_service_id.test_clock", "=", False
        )
        return domain & (Domain("x_fc_service_id", "=", False) | attended)
