"""What does not hold in the book, kept from the day it was found until it is gone."""

from typing import Any

from odoo import api, fields, models


class BillingInvariantFinding(models.Model):
    """One link that does not hold. Nobody closes it by hand: a later check finds it gone."""

    _name = "fusion.billing.invariant.finding"
    _description = "Broken Invariant of the Book"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "state desc, id desc"
    _rec_name = "rule"

    service_id = fields.Many2one(
        "fusion.billing.service", required=True, readonly=True, ondelete="cascade", index=True
    )
    rule = fields.Char(required=True, readonly=True, help="Which link does not hold.")
    meaning = fields.Char(string="What does not hold", compute="_compute_meaning")
    order_id = fields.Many2one(
        "sale.order", string="Subscription", readonly=True, ondelete="set null",
        index="btree_not_null",
    )  # fmt: skip
    place = fields.Char(string="Where", required=True, readonly=True)
    expected = fields.Char(readonly=True, help="What the earlier end of the link gives.")
    found = fields.Char(readonly=True, help="What stands at its later end.")
    found_at = fields.Datetime(readonly=True)
    seen_at = fields.Datetime(readonly=True, help="When a check last found it.")
    closed_at = fields.Datetime(readonly=True)
    state = fields.Selection(
        [("open", "Open"), ("closed", "Gone")],
        required=True,
        default="open",
        readonly=True,
        tracking=True,
        index=True,
        help="Gone: a later check found that it holds again.",
    )
    note = fields.Text(string="Remarks", help="What was found out about it.")

    _finding_uniq = models.UniqueIndex(
        "(service_id, rule, place, COALESCE(order_id, 0))", "This is listed already."
    )

    @api.depends("rule")
    @api.depends_context("lang")
    def _compute_meaning(self) -> None:
        said = {
            "ledger_is_rollup": self.env._("The day's events are not what was added up"),
            "counters_are_rollup": self.env._("The day's counters are not what was added up"),
            "rated_is_billed": self.env._("The period's usage comes to another amount"),
            "billed_is_invoiced": self.env._("What was billed is not on the invoice"),
            "line_explains_itself": self.env._("A line does not follow from its derivation"),
            "lines_are_total": self.env._("Lines and taxes are not the total"),
            "total_is_receivable": self.env._("The total is not what the customer owes"),
            "credited_is_billed": self.env._("More was credited than was billed"),
            "credit_explains_itself": self.env._("A credit does not follow from its line"),
            "billed_by_one": self.env._("The app and we billed the same period"),
            "renewal_takes_over": self.env._("A day counts in a contract and in its renewal"),
        }
        for row in self:
            row.meaning = said.get(row.rule, row.rule)

    def action_check_now(self) -> dict[str, Any]:
        """Check every service of the companies a person works in, and list what was found."""
        self.check_access("write")
        services = self.env["fusion.billing.service"].search(
            [("company_id", "in", self.env.companies.ids)]
        )
        stage_sudo = self.env["fusion.billing.invariants.watch"].sudo()
        for service in services:
            stage_sudo._watch(service.sudo())
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "fusion_centralize_billing.action_invariant_finding"
        )
        return {**action, "target": "main"}
