from odoo import api, fields, models

from .pattern_guard import fingerprint


class SaleSubscriptionPattern(models.Model):
    """A shape of invoice whose rows a comparison run has shown equal to the normal path's.

    It is void as soon as a module is installed or removed or gets another version, or a column of
    the tables changes: who knows what the normal path writes now. A new comparison run proves it
    again.
    """

    _name = "sale.subscription.pattern"
    _description = "Proven Invoice Shape"
    _order = "approved_at desc, id desc"
    _rec_name = "description"

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    shape_key = fields.Char(required=True, readonly=True)
    description = fields.Char(required=True, readonly=True)
    rows_compared = fields.Integer(readonly=True, help="Rows found equal by the last comparison.")
    fingerprint = fields.Char(
        string="Modules and Columns",
        required=True,
        readonly=True,
        help="Digest of the installed modules, their versions, and the columns compared.",
    )
    approved_at = fields.Datetime(required=True, readonly=True)
    state = fields.Selection(
        [("valid", "Proven"), ("void", "To compare again")], compute="_compute_state"
    )

    _company_shape_unique = models.UniqueIndex(
        "(company_id, shape_key)", "This shape is known already."
    )

    @api.depends("fingerprint")
    def _compute_state(self) -> None:
        now = fingerprint(self.env)
        for pattern in self:
            pattern.state = "valid" if pattern.fingerprint == now else "void"

    @api.model
    def _get_valid(self, companies):
        """The shapes of these companies that were proven as things are now."""
        return self.search(
            [("company_id", "in", companies.ids), ("fingerprint", "=", fingerprint(self.env))]
        )

    @api.model
    def _approve(self, company, shape, rows: int) -> None:
        values = {
            "description": shape.words,
            "rows_compared": rows,
            "fingerprint": fingerprint(self.env),
            "approved_at": fields.Datetime.now(),
        }
        key = {"company_id": company.id, "shape_key": shape.key}
        if known := self.search([(name, "=", value) for name, value in key.items()]):
            known.write(values)
        else:
            self.create({**key, **values})
