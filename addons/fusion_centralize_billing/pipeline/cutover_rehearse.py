"""The rehearsal: the whole cut-over in a savepoint that is rolled back."""

from typing import Any

from odoo import Command, api, models

from .. import engine


class BillingCutoverRehearsal(models.AbstractModel):
    """Keeps, on the cut-over's own lines, what each first invoice would say."""

    _name = "fusion.billing.cutover.rehearsal"
    _description = "Rehearsal of a Cut-over"

    @api.model
    def _rehearse(self, cutover: models.BaseModel) -> None:
        """Fill the cut-over's lines and say whether it is locked.

        Nothing but the cut-over itself is written. Stripe is asked which cards there are, and told
        nothing.
        """
        check = self.env["fusion.billing.cutover.check"]
        orders = cutover.order_ids
        proofs = check._look(orders, cutover.clean_periods_required)
        cards = self.env["fusion.billing.cutover.cards"]._find(cutover.service_id, orders)
        invoices = self._first_invoices(cutover.service_id, orders)
        rows = []
        for order in orders:
            row = {**self._row(order), **proofs[order.id], **cards[order.id]}
            row |= invoices.get(order.id, {})
            row["obstacle"] = proofs[order.id]["obstacle"] or row["obstacle"]
            rows.append(Command.create(row))
        cutover.line_ids = [Command.clear(), *rows]
        cutover.write(
            {
                "lock": check._lock(cutover) or False,
                "warning": check._warnings(cutover) or False,
                "rehearsed_at": cutover.service_id._now(),
                "fingerprint": check._fingerprint(orders),
                "state": "rehearsed",
            }
        )

    def _row(self, order: models.BaseModel) -> dict[str, Any]:
        return {
            "order_id": order.id,
            "partner_id": order.partner_id.id,
            "external_id": order.x_fc_external_id,
            "currency_id": order.currency_id.id,
        }

    def _first_invoices(
        self, service: models.BaseModel, orders: models.BaseModel
    ) -> dict[int, dict[str, Any]]:
        """Order id → what its first invoice would be, or why there would be none."""
        found: dict[int, dict[str, Any]] = {}
        if not orders:
            return found
        savepoint = self.env.cr.savepoint()
        try:
            report = self.env["fusion.billing.golive"]._go_live(service, orders)
            held = {line["order"]: line["reason"] for line in report["held"]}
            for order_sudo in orders.sudo():
                if reason := held.get(order_sudo.name):
                    found[order_sudo.id] = {"obstacle": reason}
                else:
                    found[order_sudo.id] = self._first_invoice(order_sudo)
        finally:
            savepoint.close(rollback=True)
        return found

    def _first_invoice(self, order_sudo: models.BaseModel) -> dict[str, Any]:
        try:
            preview = self.env["fusion.billing.preview"]._preview(order_sudo)
        except engine.Invalid as error:
            reason = self.env._("it cannot be priced: %(error)s", error=error)
            return {"obstacle": reason}
        places = preview.currency.decimal_places
        return {
            "first_invoice_on": preview.day,
            "untaxed": float(preview.untaxed),
            "tax": float(preview.tax),
            "total": float(preview.total),
            "first_invoice": [
                {"name": line.name, "amount": f"{line.amount:.{places}f}"} for line in preview.lines
            ],
        }
