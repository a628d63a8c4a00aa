"""What became of an event: counted, billed and on which invoice, or parked and why."""

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, Query

DISPOSITIONS = [
    ("parked", "Parked"),
    ("counted", "Counted"),
    ("billed", "Billed"),
    ("correcting", "Billed, difference due"),
]
# The keys of what a period billed begin with the metric's code.
BILLED = """
EXISTS (
    SELECT FROM fusion_billing_period p
    JOIN fusion_billing_metric m ON m.id = %(alias)s.metric_id
    WHERE p.subscription_id = %(alias)s.subscription_id AND p.state = 'billed'
      AND p.start <= %(alias)s.day AND p."end" > %(alias)s.day
      AND p.dirty IS %(dirty)s TRUE
      AND EXISTS (SELECT FROM jsonb_object_keys(
              CASE WHEN jsonb_typeof(p.billed) = 'object' THEN p.billed ELSE '{}' END) AS key
          WHERE starts_with(key, m.code || '/')))"""


class BillingUsageEvent(models.Model):
    _inherit = "fusion.billing.usage.event"

    disposition = fields.Selection(
        DISPOSITIONS, compute="_compute_disposition", search="_search_disposition"
    )
    invoice_id = fields.Many2one(
        "account.move", compute="_compute_disposition", help="The invoice this usage is on."
    )

    @api.depends("state", "subscription_id", "metric_id", "day")
    def _compute_disposition(self) -> None:
        counted = self.filtered(lambda event: event.state == "accepted")
        periods = self.env["fusion.billing.period"].search(
            [("subscription_id", "in", counted.subscription_id.ids), ("state", "=", "billed")]
        )
        of_order = periods.grouped("subscription_id")
        for event in self:
            billed = of_order.get(event.subscription_id, periods.browse()).filtered(
                lambda period, event=event: (
                    period.start <= event.day < period.end
                    and any(
                        key.startswith(f"{event.metric_id.code}/") for key in period.billed or {}
                    )
                )
            )[:1]
            event.invoice_id = billed.invoice_id if event.state == "accepted" else False
            if event.state == "parked":
                event.disposition = "parked"
            elif billed:
                event.disposition = "correcting" if billed.dirty else "billed"
            else:
                event.disposition = "counted"

    @api.model
    def _search_disposition(self, operator: str, value: object) -> Domain:
        if operator != "in":
            return NotImplemented
        self.env["fusion.billing.period"].flush_model()
        found = Domain.FALSE
        for disposition in value:
            found |= self._with_disposition(disposition)
        return found

    def _with_disposition(self, disposition: str) -> Domain:
        accepted = Domain("state", "=", "accepted")
        billed, correcting = (Domain.custom(to_sql=_billed(dirty)) for dirty in (False, True))
        return {
            "parked": Domain("state", "=", "parked"),
            "counted": accepted & ~billed & ~correcting,
            "billed": accepted & billed,
            "correcting": accepted & correcting,
        }.get(disposition, Domain.FALSE)


def _billed(dirty: bool):
    """The SQL condition of being in a billed period, with or without a difference due."""

    def to_sql(model: models.BaseModel, alias: str, query: Query) -> SQL:
        return SQL(BILLED, alias=SQL.identifier(alias), dirty=SQL("") if dirty else SQL("NOT"))

    return to_sql
