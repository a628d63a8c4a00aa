"""One line of a comparison: both sides, the class, and the numbers that prove it."""

from odoo import api, fields, models
from odoo.exceptions import UserError

CLASSES = [
    ("match", "Match"),
    ("usage", "Usage"),
    ("rate", "Rate"),
    ("quota", "Quota"),
    ("proration", "Proration"),
    ("tax", "Tax"),
    ("rounding", "Rounding"),
    ("timing", "Timing"),
    ("coupon", "Coupon"),
    ("currency", "Currency"),
    ("amount", "Amounts differ"),
    ("missing_here", "Missing here"),
    ("missing_there", "Missing in the app"),
    ("unexplained", "Unexplained"),
]


class BillingReconciliationLine(models.Model):
    _name = "fusion.billing.reconciliation.line"
    _description = "Billing Reconciliation Line"
    _order = "reconciliation_id, id"

    reconciliation_id = fields.Many2one(
        "fusion.billing.reconciliation", required=True, ondelete="cascade", index=True
    )
    service_id = fields.Many2one(related="reconciliation_id.service_id", store=True, index=True)
    currency_id = fields.Many2one(related="reconciliation_id.currency_id")
    kind = fields.Selection(
        [
            ("invoice", "Whole invoice"),
            ("base", "Base fee"),
            ("usage", "Usage"),
            ("discount", "Discount"),
            ("tax", "Tax"),
            ("other", "Other"),
        ],
        required=True,
    )
    code = fields.Char()
    app_quantity = fields.Char(string="App: quantity")
    app_unit_amount = fields.Char(string="App: price")
    app_amount = fields.Monetary(string="App: amount")
    our_quantity = fields.Char(string="Ours: quantity")
    our_unit_amount = fields.Char(string="Ours: price")
    our_amount = fields.Monetary(string="Ours: amount")
    difference = fields.Monetary(help="Ours minus the app's.")
    difference_class = fields.Selection(CLASSES, string="Result", required=True, index=True)
    evidence = fields.Json(string="Evidence as data")
    evidence_text = fields.Char(string="Evidence", compute="_compute_evidence_text")
    rule_id = fields.Many2one(
        "fusion.billing.reconciliation.rule", string="Explained by", ondelete="restrict"
    )

    @api.depends("evidence", "difference_class")
    @api.depends_context("lang")
    def _compute_evidence_text(self) -> None:
        said = {
            "app": self.env._("app"),
            "our": self.env._("ours"),
            "period": self.env._("found in the period of"),
            "quantity": self.env._("quantity"),
            "amount": self.env._("amount"),
            "quota": self.env._("our quota"),
            "app_quota": self.env._("the app's quota"),
            "days": self.env._("days of the period"),
            "fee": self.env._("whole fee"),
            "difference": self.env._("difference"),
            "expected": self.env._("expected at our terms"),
            "follows": self.env._("follows from"),
        }
        for line in self:
            line.evidence_text = ", ".join(
                f"{said.get(name, name)}: {value or '–'}"
                for name, value in (line.evidence or {}).items()
            )

    def action_make_rule(self) -> None:
        """Explain the same difference by this one from now on. Needs the row's note."""
        for line in self:
            row = line.reconciliation_id
            if line.difference_class == "match" or not row.note:
                raise UserError(self.env._("Explain the difference in a note first."))
            line.env["fusion.billing.reconciliation.rule"].create(
                {
                    "service_id": row.service_id.id,
                    "subscription_id": row.subscription_id.id,
                    "difference_class": line.difference_class,
                    "kind": line.kind,
                    "code": line.code,
                    "minimum": line.difference,
                    "maximum": line.difference,
                    "note": row.note,
                    "source_id": row.id,
                }
            )
