"""The proof: per customer and period, the app's own figure beside ours."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from .reconciliation_line import CLASSES


class BillingReconciliation(models.Model):
    """One comparison. A difference stays open until a person explains it and signs."""

    _name = "fusion.billing.reconciliation"
    _description = "Billing Reconciliation"
    _inherit = ["mail.thread"]
    _order = "period_start desc, service_id, id"
    _rec_name = "partner_id"

    period_start = fields.Date(required=True)
    period_end = fields.Date(required=True, help="First day after the period.")
    service_id = fields.Many2one(
        "fusion.billing.service", required=True, ondelete="restrict", index=True
    )
    link_id = fields.Many2one("fusion.billing.account.link", ondelete="restrict", index=True)
    partner_id = fields.Many2one("res.partner", string="Customer", ondelete="restrict")
    subscription_id = fields.Many2one("sale.order", ondelete="restrict", index=True)
    external_subscription_id = fields.Char(
        string="Subscription in the App",
        help="The app's own id: names a subscription that does not exist here.",
    )
    currency_id = fields.Many2one("res.currency", required=True)
    app_amount = fields.Monetary(help="Untaxed, as the app billed it.")
    our_amount = fields.Monetary(help="Untaxed, as we bill it.")
    app_tax = fields.Monetary(string="The app's tax")
    our_tax = fields.Monetary(string="Our tax")
    digest = fields.Char(readonly=True, copy=False, help="Of the figures: the same write nothing.")
    line_ids = fields.One2many("fusion.billing.reconciliation.line", "reconciliation_id")
    difference = fields.Monetary(
        compute="_compute_difference", store=True, help="Ours minus the app's."
    )
    unexplained_amount = fields.Monetary(
        string="Unexplained",
        compute="_compute_unexplained_amount",
        store=True,
        help="What differs, untaxed and in taxes, while nobody has explained it. Never negative: "
        "differences of two customers do not cancel out.",
    )
    difference_class = fields.Selection(
        CLASSES,
        string="Result",
        required=True,
        default="match",
        index=True,
    )
    state = fields.Selection(
        [("open", "Open"), ("explained", "Explained"), ("signed_off", "Signed off")],
        required=True,
        default="open",
        index=True,
    )
    note = fields.Text()
    signed_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    signed_at = fields.Datetime(readonly=True, copy=False)

    _comparison_uniq = models.UniqueIndex(
        "(service_id, link_id, subscription_id, period_start)",
        "This subscription and period was already compared.",
    )

    # The app's id decides what was compared: a subscription that is missing here has no other.
    _app_comparison_uniq = models.UniqueIndex(
        "(service_id, external_subscription_id, period_start)",
        "This subscription and period was already compared.",
    )

    @api.depends("app_amount", "our_amount", "currency_id")
    def _compute_difference(self) -> None:
        for row in self:
            delta = row.our_amount - row.app_amount
            row.difference = row.currency_id.round(delta) if row.currency_id else delta

    @api.depends("difference", "app_tax", "our_tax", "difference_class", "state")
    def _compute_unexplained_amount(self) -> None:
        for row in self:
            unexplained = row.state == "open" and row.difference_class != "match"
            delta = abs(row.difference) + abs(row.our_tax - row.app_tax)
            row.unexplained_amount = delta if unexplained else 0.0

    @api.model
    def _classes(self) -> list[tuple[str, str]]:
        """The classes in the user's language."""
        return self._fields["difference_class"]._description_selection(self.env)

    def action_sign_off(self) -> None:
        """Sign as the current user. A difference needs a note that explains it."""
        unexplained = self.filtered(lambda row: row.difference_class != "match" and not row.note)
        if unexplained:
            raise UserError(
                self.env._(
                    "Explain the difference of %(names)s in a note before signing.",
                    names=", ".join(unexplained.mapped("display_name")),
                )
            )
        todo = self.filtered(lambda row: row.state != "signed_off")
        # One chain a service: two who sign at once take turns.
        todo.service_id.sudo().lock_for_update()
        now = fields.Datetime.now()
        for row in todo.sorted("id"):
            row.write({"signed_by_id": self.env.uid, "signed_at": now})
            row.flush_recordset()
            row.write({"state": "signed_off", **row._seal_vals()})
            row.message_post(body=self.env._("Signed off."))

    def action_explain(self) -> None:
        """The note explains the difference: it no longer stands in the way of a cut-over."""
        if any(not row.note for row in self):
            raise UserError(self.env._("Explain the difference in a note first."))
        self.filtered(lambda row: row.state == "open").write({"state": "explained"})
