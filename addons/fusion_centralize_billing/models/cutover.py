"""The move of live customers from an app's own billing to ours: rehearsed, done, or taken back."""

from typing import Any

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

MANAGER = "fusion_centralize_billing.group_fusion_billing_manager"
STATES = [
    ("draft", "Draft"),
    ("rehearsed", "Rehearsed"),
    ("done", "Done"),
    ("rolled_back", "Rolled back"),
]


class BillingCutover(models.Model):
    """A service, or a cohort of its subscriptions, and the proof that it may be switched.

    ``rehearse`` does everything in a savepoint that is rolled back and keeps what the first
    invoices would say. ``cut_over`` does it, all of it or nothing. ``roll_back`` undoes it, until
    the first customer has been charged.
    """

    _name = "fusion.billing.cutover"
    _description = "Billing Cut-over"
    _inherit = ["mail.thread"]
    _order = "id desc"

    name = fields.Char(required=True, copy=False, readonly=True, default="/")
    service_id = fields.Many2one(
        "fusion.billing.service", required=True, ondelete="restrict", index=True, tracking=True
    )
    company_id = fields.Many2one(related="service_id.company_id", store=True)
    state = fields.Selection(
        STATES, required=True, default="draft", readonly=True, copy=False, tracking=True, index=True
    )
    clean_periods_required = fields.Integer(
        string="Clean Periods",
        compute="_compute_clean_periods_required",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
        help="How many periods in a row must have been compared and signed before a subscription "
        "may be cut over. As many as the service asks for, unless this cut-over asks for others.",
    )
    order_ids = fields.Many2many(
        "sale.order",
        "fusion_billing_cutover_order_rel",
        string="Subscriptions",
        copy=False,
        domain="[('x_fc_service_id', '=', service_id), ('x_fc_shadow', '=', True),"
        " ('state', 'in', ('draft', 'sent')), ('x_fc_terminated_at', '=', False)]",
    )
    line_ids = fields.One2many("fusion.billing.cutover.line", "cutover_id", readonly=True)
    order_count = fields.Integer(compute="_compute_order_count")
    waiting_count = fields.Integer(compute="_compute_waiting_count")
    blocked_count = fields.Integer(compute="_compute_blocked_count")
    lock = fields.Text(
        string="Why It Is Locked", readonly=True, copy=False, help="Empty: it may be cut over."
    )
    warning = fields.Text(readonly=True, copy=False)
    rehearsed_at = fields.Datetime(readonly=True, copy=False)
    fingerprint = fields.Char(readonly=True, copy=False, help="Of all that was rehearsed.")
    done_at = fields.Datetime(readonly=True, copy=False, tracking=True)
    done_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    rolled_back_at = fields.Datetime(readonly=True, copy=False, tracking=True)
    receipt_hash = fields.Char(
        readonly=True, copy=False, help="SHA-256 of what the receipt says, in canonical JSON."
    )

    _clean_periods_positive = models.Constraint(
        "CHECK (clean_periods_required >= 0)", "The number of clean periods is 0 or more."
    )

    # ------------------------------------------------------------------ compute
    @api.depends("service_id.clean_periods_required")
    def _compute_clean_periods_required(self) -> None:
        """What was done keeps the number it was done with, and so does its receipt."""
        for cutover in self:
            asked = cutover.clean_periods_required
            if not cutover.done_at:
                asked = cutover.service_id.clean_periods_required
            elif not asked:  # done before the number was kept: what its lines were held to
                asked = max(cutover.line_ids.mapped("needed_periods"), default=0)
            cutover.clean_periods_required = asked

    @api.depends("order_ids")
    def _compute_order_count(self) -> None:
        for cutover in self:
            cutover.order_count = len(cutover.order_ids)

    @api.depends("service_id", "order_ids")
    def _compute_waiting_count(self) -> None:
        """How many more of the service could be taken along."""
        for cutover in self:
            cutover.waiting_count = len(cutover._waiting() - cutover.order_ids)

    @api.depends("line_ids.obstacle")
    def _compute_blocked_count(self) -> None:
        for cutover in self:
            cutover.blocked_count = len(cutover.line_ids.filtered("obstacle"))

    @api.constrains("order_ids", "service_id")
    def _check_own_orders(self) -> None:
        """Of its own service, and so of its company, whatever its user may see elsewhere."""
        for cutover in self:
            # As superuser: what the user may not read must not slip in, nor be named.
            if cutover.sudo().order_ids.x_fc_service_id - cutover.service_id:
                raise ValidationError(
                    self.env._("A cut-over takes along subscriptions of its own service alone.")
                )

    # --------------------------------------------------------------------- CRUD
    @api.model_create_multi
    def create(self, vals_list: list[dict]) -> "BillingCutover":
        """Number them."""
        sequences_sudo = self.env["ir.sequence"].sudo()
        for vals in vals_list:
            if vals.get("name", "/") == "/":
                vals["name"] = sequences_sudo.next_by_code("fusion.billing.cutover") or "/"
        return super().create(vals_list)

    def write(self, vals: dict) -> bool:
        """Other subscriptions or another proof: another rehearsal; what was done stays."""
        if {"order_ids", "service_id", "clean_periods_required"} & vals.keys():
            if self.filtered(lambda cutover: cutover.state in ("done", "rolled_back")):
                raise UserError(self.env._("It was cut over: make another one for the others."))
            vals = {**vals, "state": "draft", "fingerprint": False}
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_done(self) -> None:
        if self.filtered("done_at"):
            raise UserError(self.env._("A cut-over that was done is a record and stays."))

    # ------------------------------------------------------------------ actions
    def action_add_all(self) -> None:
        """Take along every subscription of the service that waits in shadow."""
        for cutover in self:
            cutover.order_ids |= cutover._waiting()

    def action_rehearse(self) -> None:
        """Try it and roll it back; the lines then show each first invoice. Writes nothing else."""
        self._check_manager()
        for cutover in self:
            self.env["fusion.billing.cutover.rehearsal"]._rehearse(cutover)

    def action_cut_over(self) -> None:
        """Do it: all subscriptions or none.

        :raise UserError: it is locked, was not rehearsed, or something changed since
        """
        self._check_manager()
        for cutover in self:
            self.env["fusion.billing.cutover.stage"]._cut_over(cutover)

    def action_roll_back(self) -> None:
        """Give the customers back to the app.

        :raise UserError: somebody has been charged, or has paid
        """
        self._check_manager()
        for cutover in self:
            self.env["fusion.billing.cutover.rollback"]._roll_back(cutover)

    def action_print_receipt(self) -> dict[str, Any]:
        """The receipt, as a PDF."""
        report = self.env.ref("fusion_centralize_billing.action_report_cutover")
        return report.report_action(self)

    def action_view_orders(self) -> dict[str, Any]:
        """The subscriptions of this cut-over."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "fusion_centralize_billing.action_subscription"
        )
        return {**action, "domain": [("id", "in", self.order_ids.ids)], "context": {"create": 0}}

    # ----------------------------------------------------------------- business
    def _waiting(self) -> models.BaseModel:
        self.ensure_one()
        if not self.service_id:
            return self.env["sale.order"]
        domain = [("x_fc_service_id", "=", self.service_id.id)]
        return self.env["sale.order"].search(domain + self.env["sale.order"]._fc_waiting_domain())

    def _check_manager(self) -> None:
        self.check_access("write")
        if not self.env.user.has_group(MANAGER):
            raise AccessError(self.env._("Only a billing administrator may do this."))
