"""What an app billed by itself, as it told us: one side of the dual run."""

from odoo import api, fields, models


class BillingAppInvoice(models.Model):
    """One invoice of the app for one subscription and period. Books nothing."""

    _name = "fusion.billing.app.invoice"
    _description = "Invoice of an App"
    _order = "period_start desc, id desc"
    _rec_name = "external_invoice_id"

    service_id = fields.Many2one(
        "fusion.billing.service", required=True, ondelete="restrict", index=True
    )
    external_invoice_id = fields.Char(string="Invoice in the App", required=True)
    external_subscription_id = fields.Char(string="Subscription in the App", required=True)
    external_customer_id = fields.Char(string="Customer in the App")
    order_id = fields.Many2one(
        "sale.order", string="Subscription", ondelete="set null", index="btree_not_null"
    )
    link_id = fields.Many2one(
        "fusion.billing.account.link",
        string="Customer link",
        ondelete="set null",
        index="btree_not_null",
    )
    period_start = fields.Date(required=True)
    period_end = fields.Date(required=True, help="First day after the period.")
    issued_on = fields.Date()
    currency_id = fields.Many2one("res.currency", required=True)
    untaxed = fields.Monetary(compute="_compute_sums", store=True)
    tax = fields.Monetary(compute="_compute_sums", store=True)
    total = fields.Monetary(compute="_compute_sums", store=True)
    source = fields.Selection(
        [
            ("api", "API"),
            ("database", "The app's database"),
            ("stripe", "Stripe export"),
            ("csv", "CSV file"),
            ("lago", "Lago"),
        ],
        required=True,
        default="api",
    )
    after_cutover = fields.Boolean(
        readonly=True,
        copy=False,
        help="The app billed it although the subscription was billed here by then. Ours of that "
        "period is held until this one is voided in the app and deleted here.",
    )
    digest = fields.Char(readonly=True, help="Of the content: the same again changes nothing.")
    line_ids = fields.One2many("fusion.billing.app.invoice.line", "invoice_id")

    _invoice_uniq = models.UniqueIndex(
        "(service_id, external_invoice_id)", "This invoice of the app is recorded already."
    )
    _after_cutover_idx = models.Index("(service_id) WHERE after_cutover")
    _period_idx = models.Index("(service_id, external_subscription_id, period_start)")

    def unlink(self) -> bool:
        """What is gone calls nobody any more."""
        services = self.filtered("after_cutover").service_id
        res = super().unlink()
        self.env["fusion.billing.app.alarm"]._settle(services)
        return res

    @api.model
    def _outcomes(self) -> list[tuple[str, str]]:
        """What became of an invoice that was told, in words."""
        return [
            ("created", self.env._("new")),
            ("updated", self.env._("changed")),
            ("unchanged", self.env._("unchanged")),
            ("signed_off", self.env._("signed off, left as they are")),
        ]

    @api.depends("line_ids.amount", "line_ids.kind", "currency_id")
    def _compute_sums(self) -> None:
        for invoice in self:
            taxes = invoice.line_ids.filtered(lambda line: line.kind == "tax")
            invoice.untaxed = sum((invoice.line_ids - taxes).mapped("amount"))
            invoice.tax = sum(taxes.mapped("amount"))
            invoice.total = invoice.untaxed + invoice.tax


class BillingAppInvoiceLine(models.Model):
    """One line, in the app's own words."""

    _name = "fusion.billing.app.invoice.line"
    _description = "Invoice Line of an App"
    _order = "invoice_id, id"

    invoice_id = fields.Many2one(
        "fusion.billing.app.invoice", required=True, ondelete="cascade", index=True
    )
    currency_id = fields.Many2one(related="invoice_id.currency_id")
    kind = fields.Selection(
        [
            ("base", "Base fee"),
            ("usage", "Usage"),
            ("discount", "Discount"),
            ("tax", "Tax"),
            ("other", "Other"),
        ],
        required=True,
    )
    code = fields.Char(help="Of the metric, the plan or the tax.")
    name = fields.Char(string="Description")
    quantity = fields.Float(string="Quantity (number)", digits=(30, 12))
    unit_amount = fields.Float(digits=(30, 12))
    amount = fields.Float(digits=(30, 12), required=True)
    rate = fields.Float(digits=(30, 12), help="Percent, of a tax.")
    told = fields.Json(help="The exact figures as text; what the app left out is missing.")
    told_quantity = fields.Char(string="Quantity", compute="_compute_told")
    told_unit_amount = fields.Char(string="Price", compute="_compute_told")
    told_rate = fields.Char(string="Rate (%)", compute="_compute_told")

    @api.depends("told")
    def _compute_told(self) -> None:
        """Digit for digit; empty where the app said nothing, which is not zero."""
        for line in self:
            for name in ("quantity", "unit_amount", "rate"):
                line[f"told_{name}"] = (line.told or {}).get(name, False)
