"""What Lago holds and this system does not bill: kept as Lago wrote it, for people to decide."""

from typing import Any

from odoo import fields, models

KINDS = [
    ("metric", "Metric"),
    ("plan", "Plan"),
    ("tax", "Tax"),
    ("coupon", "Coupon"),
    ("wallet", "Wallet"),
    ("invoice", "Invoice"),
]
DECISIONS = [
    ("none", "Nothing to decide"),
    ("pending", "To decide"),
    ("settled", "Settled outside this system"),
    ("waived", "Nothing is owed"),
]


class BillingLagoRecord(models.Model):
    """One object of Lago's, by its Lago id, as it was when it was imported last.

    A coupon or wallet that still has a value is *to decide*: until a person has, its customer's
    subscriptions do not go live, so that nobody loses a credit without a word.
    """

    _name = "fusion.billing.lago.record"
    _inherit = ["mail.thread"]
    _description = "Lago Record"
    _order = "decision, kind, name, id"

    service_id = fields.Many2one(
        "fusion.billing.service", required=True, readonly=True, ondelete="cascade", index=True
    )
    kind = fields.Selection(KINDS, required=True, readonly=True)
    external_id = fields.Char(string="Lago ID", required=True, readonly=True)
    name = fields.Char(required=True, readonly=True)
    link_id = fields.Many2one(
        "fusion.billing.account.link",
        string="Customer",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
    )
    value = fields.Char(readonly=True, help="What is left of it, in words.")
    data = fields.Json(readonly=True, help="As Lago sent it.")
    decision = fields.Selection(DECISIONS, required=True, default="none", tracking=True)
    note = fields.Text(help="How it was settled, e.g. the number of a credit note.")
    decided_by_id = fields.Many2one("res.users", readonly=True)
    decided_at = fields.Datetime(readonly=True)

    _external_uniq = models.UniqueIndex(
        "(service_id, kind, external_id)", "This Lago object is here already."
    )

    def write(self, vals: dict[str, Any]) -> bool:
        """Whoever decides is written down; the import's own word decides nothing."""
        if "decision" in vals:
            decided = vals["decision"] in ("settled", "waived")
            vals = vals | {
                "decided_by_id": decided and self.env.uid,
                "decided_at": decided and fields.Datetime.now(),
            }
        return super().write(vals)

    def action_settled(self) -> None:
        """The customer has the value elsewhere: a credit note, a lower price."""
        self.write({"decision": "settled"})

    def action_waived(self) -> None:
        """The customer has no claim to it, or gave it up."""
        self.write({"decision": "waived"})
