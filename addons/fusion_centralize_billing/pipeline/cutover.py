"""The switch itself: from the app's billing to ours, all of a cut-over or nothing."""

import hashlib
import json
from typing import Any

from odoo import api, models
from odoo.exceptions import UserError


class BillingCutoverStage(models.AbstractModel):
    """Confirms, brings the cards over, tells the app, writes the receipt: one transaction."""

    _name = "fusion.billing.cutover.stage"
    _description = "Cut-over Stage"

    @api.model
    def _cut_over(self, cutover: models.BaseModel) -> None:
        """Switch. Doing it again changes nothing.

        Nothing is invoiced: each first invoice is due where the period ends that the app has
        billed. No request leaves Odoo; the app hears of it by webhooks, after the commit.

        :raise UserError: locked, not rehearsed, changed since, or one order cannot be confirmed
        """
        cutover.ensure_one()
        cutover.service_id.lock_for_update(allow_referencing=True)
        cutover.lock_for_update()
        if cutover.state == "done":
            return
        self._check(cutover)
        orders_sudo = cutover.order_ids.sudo()
        report = self.env["fusion.billing.golive"]._go_live(cutover.service_id, orders_sudo)
        if report["held"]:
            first = report["held"][0]
            raise UserError(
                self.env._(
                    "%(order)s cannot be confirmed: %(reason)s. Nothing was cut over.",
                    order=first["order"],
                    reason=first["reason"],
                )
            )
        orders_sudo.x_fc_cutover_id = cutover
        self.env["fusion.billing.cutover.cards"]._attach(cutover.line_ids)
        cutover.write(
            {
                "state": "done",
                "done_at": cutover.service_id._now(),
                "done_by_id": self.env.uid,
            }
        )
        cutover.receipt_hash = self._hash(cutover)
        self._tell(cutover, "subscription.cut_over")

    def _check(self, cutover: models.BaseModel) -> None:
        """Look at everything once more: hours may have passed since the rehearsal."""
        check = self.env["fusion.billing.cutover.check"]
        if cutover.state != "rehearsed":
            raise UserError(self.env._("Rehearse it first."))
        if cutover.fingerprint != check._fingerprint(cutover.order_ids):
            raise UserError(
                self.env._("Prices, plans or periods changed since the rehearsal: rehearse again.")
            )
        proofs = check._look(cutover.order_ids, cutover.clean_periods_required)
        for line in cutover.line_ids:
            proof = proofs[line.order_id.id]
            line.write({**proof, "obstacle": proof["obstacle"] or line.obstacle})
        if lock := check._lock(cutover):
            raise UserError(lock)

    @api.model
    def _tell(self, cutover: models.BaseModel, webhook_type: str) -> None:
        """One webhook a subscription: who bills it, from which day on.

        All of a cut-over, or of a roll-back, carry the service's next `handover_number`: the app
        obeys the largest it has heard of. The caller holds the service's lock.
        """
        service_sudo = cutover.service_id.sudo()
        service_sudo.handover_count += 1
        outbox = self.env["fusion.billing.outbox"]
        serialize = self.env["fusion.billing.serialize"]
        for order_sudo in cutover.order_ids.sudo():
            shown = serialize._subscription(order_sudo, plan=False)
            billed_from = order_sudo.x_fc_billed_from
            shown["billed_from"] = billed_from.isoformat() if billed_from else None
            shown["cut_over"] = cutover.name
            shown["handover_number"] = service_sudo.handover_count
            outbox._emit(cutover.service_id, webhook_type, "subscription", shown)

    @api.model
    def _hash(self, cutover: models.BaseModel) -> str:
        """SHA-256 of the receipt's content: whoever keeps the paper can show that it is whole."""
        text = json.dumps(self._content(cutover), ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    def _content(self, cutover: models.BaseModel) -> list[Any]:
        lines = cutover.line_ids.sorted("id")
        head = [cutover.name, cutover.service_id.code, str(cutover.done_at)]
        return [
            *head,
            [
                [
                    line.external_id or line.order_id.name,
                    str(line.first_invoice_on or ""),
                    line.currency_id.name,
                    f"{line.untaxed:.6f}",
                    f"{line.tax:.6f}",
                    line.card or "",
                    line.clean_periods,
                ]
                for line in lines
            ],
        ]
