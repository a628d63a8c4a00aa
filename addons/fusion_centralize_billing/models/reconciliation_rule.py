"""An explained difference that carries forward to the periods after it."""

from datetime import date

from odoo import fields, models


class BillingReconciliationRule(models.Model):
    _name = "fusion.billing.reconciliation.rule"
    _description = "Explained Billing Difference"
    _order = "id desc"
    _rec_name = "note"

    service_id = fields.Many2one(
        "fusion.billing.service", required=True, ondelete="restrict", index=True
    )
    subscription_id = fields.Many2one(
        "sale.order", ondelete="restrict", help="Only this one; empty: any of the service."
    )
    difference_class = fields.Char(required=True)
    kind = fields.Char(required=True)
    code = fields.Char(help="Empty: the line without a code.")
    minimum = fields.Float(digits=(30, 12), help="Least difference, ours minus the app's.")
    maximum = fields.Float(digits=(30, 12), help="Greatest difference, ours minus the app's.")
    date_until = fields.Date(help="Explains periods that begin before this day; empty: all.")
    note = fields.Text(required=True)
    active = fields.Boolean(default=True)
    source_id = fields.Many2one(
        "fusion.billing.reconciliation", string="Explained at", ondelete="restrict"
    )

    def _explains(self, order_id: int, start: date, line: dict) -> models.BaseModel:
        """The first of these rules that fits the values of a differing line."""
        difference = round(line["difference"], 6)
        return self.filtered(
            lambda rule: (
                (rule.difference_class, rule.kind, rule.code or "")
                == (line["difference_class"], line["kind"], line["code"] or "")
                and rule.subscription_id.id in (False, order_id)
                and round(rule.minimum, 6) <= difference <= round(rule.maximum, 6)
                and (not rule.date_until or start < rule.date_until)
            )
        )[:1]
