"""What an app hears of its catalogue: an app has more than one program that reads prices."""

from typing import Any

from odoo import models


class BillingCatalogueTold(models.AbstractModel):
    _inherit = "fusion.billing.catalogue"

    def _put_charge(
        self, plan_sudo: models.BaseModel, charge: models.BaseModel | None, values: dict[str, Any]
    ) -> models.BaseModel:
        """`_write_charge` of one charge by itself: its plan has changed."""
        with self._cascading(plan_sudo, values["cascade_updates"]):
            charge_sudo = self._write_charge(plan_sudo, charge, values)
        self._tell_plan(plan_sudo, "plan.updated")
        return charge_sudo

    def _drop_charge(
        self, plan_sudo: models.BaseModel, charge_sudo: models.BaseModel, cascade: bool = False
    ) -> None:
        """`_delete_charge` of one charge by itself."""
        with self._cascading(plan_sudo, cascade):
            self._delete_charge(charge_sudo)
        self._tell_plan(plan_sudo, "plan.updated")

    def _tell_plan(self, plan_sudo: models.BaseModel, webhook_type: str) -> None:
        """``plan.created``, ``.updated``, ``.deleted``: the plan with its charges."""
        payload = self.env["fusion.billing.serialize"]._plan(plan_sudo)
        self.env["fusion.billing.outbox"]._emit(
            plan_sudo.x_fc_service_id, webhook_type, "plan", payload
        )

    def _tell_metric(self, metric_sudo: models.BaseModel, webhook_type: str) -> None:
        """``billable_metric.created``, ``.updated``, ``.deleted``."""
        payload = self.env["fusion.billing.serialize"]._metric(metric_sudo)
        self.env["fusion.billing.outbox"]._emit(
            metric_sudo.service_id, webhook_type, "billable_metric", payload
        )
