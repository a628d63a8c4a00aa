from odoo import api, fields, models


class SaleSubscriptionClaim(models.Model):
    """One row for each (subscription, period) that has an invoice. Internal to this module.

    "Was this period billed?" cannot be a unique index on invoice lines: a subscription has several
    lines, and a credit note repeats the dates of what it reverses. So each invoice of recurring
    lines writes its claim here, in its own transaction, and the unique index decides between two
    runs that meet: the second one waits for the first, and then fails. No check, no race.

    The row goes with its invoice: deleting or cancelling a draft frees the period (the foreign key
    cascades, `account.move.button_cancel` deletes it). A credit note does not free it: what was
    credited on purpose is not billed again by itself.
    """

    _name = "sale.subscription.claim"
    _description = "Invoiced Subscription Period"
    _log_access = False

    order_id = fields.Many2one("sale.order", required=True, ondelete="cascade")
    period_start = fields.Date(required=True)
    move_id = fields.Many2one("account.move", required=True, index=True, ondelete="cascade")

    _order_period_unique = models.UniqueIndex(
        "(order_id, period_start)", "This period of the subscription already has an invoice."
    )

    @api.model
    def _claim_periods(self, moves) -> None:
        """Claim the periods that the recurring lines of these customer invoices cover.

        :raise psycopg2.errors.UniqueViolation: one of them is already invoiced
        """
        vals_list = []
        for move in moves.filtered(lambda move: move.move_type == "out_invoice"):
            recurring = move.invoice_line_ids.filtered(
                lambda line: (
                    line.subscription_id
                    and line.deferred_start_date
                    and any(
                        # An upsell bills a part of its contract's period, and claims none.
                        origin.recurring_invoice and origin.order_id == line.subscription_id
                        for origin in line.sale_line_ids
                    )
                )
            )
            vals_list += [
                {"order_id": order.id, "period_start": start, "move_id": move.id}
                for order, start in dict.fromkeys(
                    (line.subscription_id, line.deferred_start_date) for line in recurring
                )
            ]
        self.create(vals_list)
        self.flush_model()

    @api.model
    def _release(self, moves) -> None:
        self.search([("move_id", "in", moves.ids)]).unlink()
