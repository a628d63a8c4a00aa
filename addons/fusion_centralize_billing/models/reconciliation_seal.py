"""What was signed stays what it was: a hash of each signed row, chained to the one before."""

import hashlib
import json
from typing import Any

from odoo import api, fields, models
from odoo.exceptions import UserError

SEALED = {"app_amount", "our_amount", "app_tax", "our_tax", "difference_class", "state", "note",
          "signed_by_id", "signed_at", "seal", "seal_number", "line_ids", "period_start",
          "period_end", "currency_id", "subscription_id", "external_subscription_id",
          "service_id"}  # fmt: skip


class BillingReconciliation(models.Model):
    _inherit = "fusion.billing.reconciliation"

    seal = fields.Char(readonly=True, copy=False, help="SHA-256 of the content and the seal before")
    seal_number = fields.Integer(readonly=True, copy=False, help="Place in the service's chain")

    _seal_uniq = models.UniqueIndex(
        "(service_id, seal_number) WHERE seal_number > 0",
        "Another period was signed at the same time. Sign again.",
    )

    def write(self, vals: dict[str, Any]) -> bool:
        """:raise UserError: what is signed does not change."""
        if SEALED & vals.keys() and any(row.state == "signed_off" for row in self):
            raise UserError(self.env._("What is signed off does not change any more."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_signed(self) -> None:
        if any(row.state == "signed_off" for row in self):
            raise UserError(self.env._("What is signed off is not deleted."))

    def _seal_vals(self) -> dict[str, Any]:
        """Next link of the chain, for a row with everything but its seal set."""
        self.ensure_one()
        last = self.sudo().search(
            [("service_id", "=", self.service_id.id), ("seal_number", ">", 0)],
            order="seal_number desc",
            limit=1,
        )
        return {
            "seal_number": last.seal_number + 1,
            "seal": self._sealed(last.seal or "", last.seal_number + 1),
        }

    def _sealed(self, before: str, number: int) -> str:
        content = json.dumps(
            [before, number, self._content()], sort_keys=True, separators=(",", ":")
        )
        return hashlib.sha256(content.encode()).hexdigest()

    def _content(self) -> dict[str, Any]:
        """The signed facts as text; floats at six decimals, as far as any currency goes."""
        self.ensure_one()
        names = ("app_amount", "our_amount", "app_tax", "our_tax")
        return {
            **{name: f"{self[name]:.6f}" for name in names},
            "service": self.service_id.code,
            "subscription": self.external_subscription_id or "",
            "period": [str(self.period_start), str(self.period_end)],
            "currency": self.currency_id.name,
            "class": self.difference_class,
            "note": self.note or "",
            "signed": [self.signed_by_id.id, str(self.signed_at)],
            "lines": [
                [
                    line.kind, line.code or "", line.difference_class,
                    line.app_quantity or "", line.app_unit_amount or "", f"{line.app_amount:.6f}",
                    line.our_quantity or "", line.our_unit_amount or "", f"{line.our_amount:.6f}",
                    line.evidence or {}, line.rule_id.id,
                ]
                for line in self.line_ids.sorted("id")
            ],
        }  # fmt: skip

    @api.model
    def _broken_seals(self, service: models.BaseModel) -> models.BaseModel:
        """Signed rows that are no longer what was signed, or that follow one that is missing."""
        broken, before, number = self.browse(), "", 0
        signed = self.search(
            [("service_id", "=", service.id), ("state", "=", "signed_off")], order="seal_number"
        )
        for row in signed:
            number += 1
            if row.seal_number != number or row.seal != row._sealed(before, number):
                broken |= row
            before, number = row.seal or "", row.seal_number
        return broken

    def action_check_seals(self) -> dict[str, Any]:
        """Say whether what was signed is still what it was."""
        broken = self.browse()
        for service in self.service_id:
            broken |= self._broken_seals(service)
        names = ", ".join(f"{row.display_name} {row.period_start}" for row in broken)
        message = (
            self.env._("Changed after signing: %(names)s", names=names)
            if broken
            else self.env._("Every signed period is what it was when it was signed.")
        )
        kind = "danger" if broken else "success"
        params = {"message": message, "type": kind, "sticky": bool(broken)}
        return {"type": "ir.actions.client", "tag": "display_notification", "params": params}
