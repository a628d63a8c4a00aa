"""A billing run or rehearsal: what it invoiced, what it parked and why."""

from odoo import api, fields, models
from odoo.exceptions import UserError


class BillingRun(models.Model):
    """One pass over the subscriptions due on ``as_of``."""

    _name = "fusion.billing.run"
    _description = "Billing Run"
    _order = "id desc"

    as_of = fields.Date(required=True, help="Bill everything due on or before this day.")
    service_id = fields.Many2one(
        "fusion.billing.service", ondelete="restrict", index=True, help="Empty = every service."
    )
    line_ids = fields.One2many("fusion.billing.run.line", "run_id", string="Subscriptions")
    parked_line_ids = fields.One2many(
        "fusion.billing.run.line", "run_id", domain=[("state", "=", "parked")]
    )
    invoiced_line_ids = fields.One2many(
        "fusion.billing.run.line", "run_id", domain=[("state", "=", "invoiced")]
    )
    skipped_line_ids = fields.One2many(
        "fusion.billing.run.line", "run_id", domain=[("state", "=", "skipped")]
    )
    state = fields.Selection(
        [("draft", "Draft"), ("done", "Done")], required=True, default="draft", copy=False
    )
    invoiced_count = fields.Integer(string="Invoiced", readonly=True, copy=False)
    parked_count = fields.Integer(string="Parked", readonly=True, copy=False)
    skipped_count = fields.Integer(string="Skipped", readonly=True, copy=False)
    total = fields.Text(
        string="Total per Currency", readonly=True, copy=False, help="Untaxed, one line each."
    )

    @api.depends("as_of", "service_id")
    def _compute_display_name(self) -> None:
        for run in self:
            name = run.service_id.name or self.env._("All services")
            run.display_name = self.env._("%(name)s as of %(day)s", name=name, day=run.as_of)

    def action_run(self) -> dict:
        """Bill what is due. A draft run becomes the run that was done."""
        self.ensure_one()
        self.check_access("write")
        if self.state == "done":
            raise UserError(self.env._("This run is done. Start a new one to bill again."))
        services = self.service_id or self.env["fusion.billing.service"].search(
            [("mode", "=", "live"), ("test_clock", "=", False)]
        )
        done = self.env["fusion.billing.invoice"]._run(services, self.as_of)
        if done != self:
            self.unlink()
        return done._action_form()

    def action_view_invoices(self) -> dict:
        """The invoices this run made."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "fusion_centralize_billing.action_invoice"
        )
        return {**action, "domain": [("id", "in", self.line_ids.invoice_id.ids)], "context": {}}

    def _action_form(self) -> dict:
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "name": self.env._("Billing Run"),
        }
