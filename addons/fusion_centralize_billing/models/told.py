"""What a person changes of an app's catalogue on a screen is told to the app, as its own is.

The API and the imports write as superuser, and tell by themselves or not at all; whoever is none
is a person. One save is one webhook for each plan or metric, however many prices it changed.
"""

from typing import Any

from odoo import api, models

WITHIN = "fc_told_at_the_end"
Shown = dict[models.BaseModel, dict[str, Any] | None]


class BillingCatalogueTold(models.AbstractModel):
    """Mixed into plans, metrics and what their prices are made of."""

    _name = "fusion.billing.told"
    _description = "Catalogue Told to the App"

    def _told_owners(self) -> models.BaseModel:
        """The plans or metrics that these records are part of to an app."""
        raise NotImplementedError

    @api.model_create_multi
    def create(self, vals_list: list[dict[str, Any]]) -> models.BaseModel:
        if not self._is_told():
            return super().create(vals_list)
        quiet = self.with_context(**{WITHIN: True})
        records = super(BillingCatalogueTold, quiet).create(vals_list).with_env(self.env)
        owners = records._told_owners()
        # A plan is new itself; a charge is new to a plan that was there.
        self._tell(dict.fromkeys(owners, None if owners._name == self._name else {}))
        return records

    def write(self, vals: dict[str, Any]) -> bool:
        if not self._is_told():
            return super().write(vals)
        before = self._told_owners()._told_now()
        result = super(BillingCatalogueTold, self.with_context(**{WITHIN: True})).write(vals)
        self._tell(dict.fromkeys(self._told_owners(), {}) | before)
        return result

    def unlink(self) -> bool:
        if not self._is_told():
            return super().unlink()
        before = self._told_owners()._told_now()
        result = super(BillingCatalogueTold, self.with_context(**{WITHIN: True})).unlink()
        self._tell(before)
        return result

    # ------------------------------------------------------------------- details
    def _is_told(self) -> bool:
        return not self.env.su and not self.env.context.get(WITHIN)

    def _told_now(self) -> Shown:
        """What the app sees of each of these plans or metrics; None where it sees none."""
        return {record: record._told_values() for record in self}

    def _told_values(self) -> dict[str, Any] | None:
        """``{service, kind, payload}`` of a plan or metric, or None."""
        raise NotImplementedError

    def _tell(self, before: Shown) -> None:
        """One webhook for each plan and metric that is another than before.

        :param before: None is what the app did not see, {} what it saw otherwise
        """
        self.env.flush_all()
        for record, was in before.items():
            now = record._told_values() if record.exists() else None
            if now == was or not (now or was):
                continue
            told = now or was
            verb = "deleted" if not now else "created" if was is None else "updated"
            self.env["fusion.billing.outbox"].sudo()._emit(
                told["service"], f"{told['kind']}.{verb}", told["kind"], told["payload"]
            )
