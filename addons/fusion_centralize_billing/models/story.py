"""One customer's story: all that happened between the app, the books, the bank and the customer."""

from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import SQL

from . import story_sql

ICONS = {
    "start": "fa-play",
    "invoice": "fa-file-text-o",
    "card": "fa-credit-card",
    "overdue": "fa-hourglass-end",
    "step": "fa-calendar-check-o",
    "mail": "fa-envelope-o",
    "charge": "fa-credit-card",
    "payment": "fa-university",
    "paid": "fa-check",
    "refund": "fa-undo",
    "credit": "fa-file-o",
    "case": "fa-folder-o",
    "state": "fa-power-off",
    "command": "fa-bullhorn",
    "told": "fa-paper-plane-o",
    "alarm": "fa-bell",
    "confirmed": "fa-handshake-o",
    "refused": "fa-ban",
    "end": "fa-stop",
}


class BillingStory(models.Model):
    """A view over the documents themselves: nothing is stored, nothing can be changed here.

    Instants are the service's own: on a test clock, what that clock said.
    """

    _name = "fusion.billing.story"
    _description = "Customer Story"
    _auto = False
    _order = "instant desc, recorded_at desc, rank desc, id desc"
    _rec_name = "title"

    kind = fields.Selection(
        [
            ("start", "Subscription"),
            ("invoice", "Invoice"),
            ("card", "Card"),
            ("overdue", "Overdue"),
            ("step", "Policy"),
            ("mail", "Mail"),
            ("charge", "Charge"),
            ("payment", "Payment"),
            ("paid", "Paid"),
            ("refund", "Refund"),
            ("credit", "Credit note"),
            ("case", "Case"),
            ("state", "State"),
            ("command", "Command"),
            ("told", "Told"),
            ("alarm", "Alarm"),
            ("confirmed", "Confirmed"),
            ("refused", "Refused"),
            ("end", "End"),
        ],
        readonly=True,
    )
    instant = fields.Datetime(string="When", readonly=True, help="As the service's clock says.")
    recorded_at = fields.Datetime(readonly=True, help="On the real clock.")
    rank = fields.Integer(readonly=True, aggregator=None)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    service_id = fields.Many2one("fusion.billing.service", readonly=True)
    order_id = fields.Many2one("sale.order", string="Subscription", readonly=True)
    move_id = fields.Many2one("account.move", string="Invoice", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    amount = fields.Monetary(readonly=True, aggregator=None)
    name = fields.Char(readonly=True, help="Number of the document.")
    note = fields.Char(readonly=True)
    code = fields.Char(readonly=True)
    outcome = fields.Char(readonly=True)
    day = fields.Date(readonly=True)
    res_model = fields.Char(readonly=True)
    res_id = fields.Many2oneReference(model_field="res_model", readonly=True)
    title = fields.Char(compute="_compute_words", string="What Happened")
    detail = fields.Char(compute="_compute_words")
    tone = fields.Selection(
        [("good", "Good"), ("bad", "Bad"), ("warn", "Warning"), ("plain", "Plain")],
        compute="_compute_words",
    )
    icon = fields.Html(compute="_compute_icon", sanitize=False)

    @property
    def _table_query(self) -> SQL:
        return SQL(story_sql.query())

    @api.depends("kind", "name", "note", "code", "outcome", "day")
    @api.depends_context("lang")
    def _compute_words(self) -> None:
        words = self.env["fusion.billing.story.words"]
        for line in self:
            line.title, line.detail, line.tone = words._tell(line)

    @api.depends("kind")
    @api.depends_context("lang")
    def _compute_icon(self) -> None:
        labels = dict(self._fields["kind"]._description_selection(self.env))
        tag = Markup('<i class="fa fa-fw %s" title="%s" role="img"></i>')
        for line in self:
            line.icon = tag % (ICONS[line.kind], labels[line.kind])

    def action_open(self) -> dict | bool:
        """Open the document behind a line, with the reader's own rights."""
        self.ensure_one()
        model, record_id = self.res_model, self.res_id
        shown = {
            "fusion.billing.dunning.action": "case_id",
            "fusion.billing.state.change": "order_id",
        }
        record = self.env[model].browse(record_id)
        if model == "mail.message":
            record = self.env[record.model].browse(record.res_id)
        elif model in shown:
            record = record[shown[model]]
        return record.get_formview_action()
