"""A subscription that owes: since when, how much, what was done about it and how it ended."""

from odoo import api, fields, models
from odoo.exceptions import UserError

OPEN = "open"


class DunningCase(models.Model):
    """From the day something is overdue to the day it is paid, terminated or given up.

    At most one is open for a subscription. A customer who paid and stops paying again gets a new
    one, whose calendar begins anew.
    """

    _name = "fusion.billing.dunning.case"
    _description = "Dunning Case"
    _inherit = ["mail.thread"]
    _order = "opened_on desc, id desc"
    _rec_name = "order_id"

    order_id = fields.Many2one(
        "sale.order",
        string="Subscription",
        required=True,
        ondelete="cascade",
        index=True,
        readonly=True,
    )
    service_id = fields.Many2one(
        "fusion.billing.service", required=True, ondelete="restrict", index=True, readonly=True
    )
    policy_id = fields.Many2one(
        "fusion.billing.dunning.policy", required=True, ondelete="restrict", readonly=True
    )
    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, readonly=True, index=True
    )
    company_id = fields.Many2one(related="service_id.company_id")
    currency_id = fields.Many2one(related="policy_id.currency_id")
    balance = fields.Monetary(
        string="Overdue", readonly=True, help="Overdue invoices less open credit notes."
    )
    opened_on = fields.Date(
        string="Unpaid Since", required=True, readonly=True, help="Oldest unpaid due date."
    )
    counted_from = fields.Date(
        string="Day 0",
        required=True,
        readonly=True,
        help="What the policy's days count from: the oldest unpaid due date, or later where the "
        "debt was there before the policy.",
    )
    state = fields.Selection(
        [
            ("open", "Open"),
            ("paid", "Paid"),
            ("terminated", "Terminated"),
            ("written_off", "Written Off"),
            ("exempt", "Exempt"),
        ],
        required=True,
        default="open",
        readonly=True,
        tracking=True,
    )
    closed_at = fields.Datetime(readonly=True)
    action_ids = fields.One2many(
        "fusion.billing.dunning.action", "case_id", string="Done So Far", readonly=True
    )
    invoice_ids = fields.Many2many(
        "account.move", compute="_compute_invoices", string="Overdue Invoices"
    )
    pay_url = fields.Char(
        compute="_compute_invoices", string="Payment Link", help="Portal page of the oldest one."
    )
    card_problem = fields.Selection(
        [("payment", "The customer has to confirm"), ("card", "A new card is needed")],
        compute="_compute_card_problem",
        help="What the last charge of the saved card waits for.",
    )
    next_step = fields.Char(compute="_compute_next_step")
    order_service_state = fields.Selection(related="order_id.x_fc_service_state")

    _one_open = models.UniqueIndex(
        "(order_id) WHERE state = 'open'", "This subscription has an open case already."
    )

    @api.depends("state", "balance")
    def _compute_invoices(self) -> None:
        """Invoices still overdue, oldest first; their portal link needs no login.

        Less those whose charge is under way, as long as there are others."""
        stage = self.env["fusion.billing.enforce"]
        for case in self:
            overdue_sudo = stage._overdue(case.order_id)
            invoices_sudo = overdue_sudo - stage._under_way(case.order_id) or overdue_sudo
            case.invoice_ids = invoices_sudo.ids
            oldest = invoices_sudo[:1]
            case.pay_url = (
                oldest.get_base_url() + oldest.get_portal_url() if oldest else case.get_base_url()
            )

    @api.depends("invoice_ids")
    def _compute_card_problem(self) -> None:
        for case in self:
            last = case.invoice_ids._x_fc_charges().sorted("id")[-1:]
            replaced = case.sudo().order_id.payment_token_id - last.token_id
            failed = last.charge_outcome == "declined" and not replaced
            case.card_problem = failed and last._x_fc_ask()

    @api.depends("state", "action_ids", "counted_from")
    @api.depends_context("lang")
    def _compute_next_step(self) -> None:
        stage = self.env["fusion.billing.enforce"]
        for case in self:
            case.next_step = stage._next_in_words(case) if case.state == OPEN else False

    def action_write_off(self) -> bool:
        """Give the debt up: its invoices stay, and no policy looks at them any more."""
        for case in self.filtered(lambda case: case.state == OPEN):
            case.check_access("write")
            case.order_id._fc_check_decider()
            self.env["fusion.billing.enforce"]._write_off(case)
        return True

    def action_check_now(self) -> bool:
        """Look at this subscription now, as the scheduled job would."""
        for case in self:
            case.check_access("write")
            case.order_id._fc_check_decider()
            if case.service_id.mode != "live":
                raise UserError(self.env._("A shadow service enforces nothing."))
            self.env["fusion.billing.enforce"].sudo()._enforce_alone(case.order_id.sudo())
        return True

    def _end(self) -> None:
        """The subscription ended, by the policy or otherwise; what is owed stays owed."""
        for case in self:
            case._close("terminated")

    def _close(self, state: str) -> None:
        self.ensure_one()
        self.write({"state": state, "closed_at": self.service_id._now()})
