"""Which partner an app's customer is, and how sure we are."""

from odoo import fields, models


class BillingAccountLink(models.Model):
    """(service, external customer id) → partner, with the way it was matched."""

    _name = "fusion.billing.account.link"
    _description = "Billing Customer Link"
    _rec_name = "external_id"
    _order = "service_id, external_id"

    external_id = fields.Char(
        string="External ID", required=True, help="The app's own customer id."
    )
    external_name = fields.Char()
    external_email = fields.Char()
    service_id = fields.Many2one(
        "fusion.billing.service", required=True, ondelete="restrict", index=True
    )
    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, ondelete="restrict", index=True
    )
    subscription_ids = fields.One2many("sale.order", "x_fc_link_id", string="Subscriptions")
    confidence = fields.Float(
        digits=(5, 4), help="0 to 1: how sure the automatic match is. 1 = no doubt."
    )
    match_method = fields.Selection(
        [
            ("created", "New customer"),
            ("link", "Already linked"),
            ("vat", "Tax number"),
            ("email", "E-mail"),
            ("name_address", "Name and address"),
            ("manual", "By hand"),
        ],
        required=True,
        default="manual",
    )
    state = fields.Selection(
        [("confirmed", "Confirmed"), ("review", "To review"), ("rejected", "Rejected")],
        required=True,
        default="confirmed",
        index=True,
    )
    review_reason = fields.Char()
    data = fields.Json(
        string="Last Payload", copy=False, help="What the app last sent, echoed by the API."
    )

    deleted_at = fields.Datetime(
        copy=False,
        readonly=True,
        help="When the app took this customer off its service. Their invoices stay.",
    )

    card_asked_at = fields.Datetime(
        copy=False,
        readonly=True,
        help="When this customer followed a link to save a card, and has not saved one since.",
    )

    _external_uniq = models.UniqueIndex(
        "(service_id, external_id)", "This service already has a customer with this external id."
    )
    _confidence_range = models.Constraint(
        "CHECK (confidence BETWEEN 0 AND 1)", "Confidence lies between 0 and 1."
    )

    def action_confirm(self) -> None:
        """A person looked: this is the right customer."""
        self.write({"state": "confirmed", "match_method": "manual", "review_reason": False})

    def action_reject(self) -> None:
        """A person looked: this is not the right customer. Billing waits for another link."""
        self.write({"state": "rejected", "match_method": "manual"})
