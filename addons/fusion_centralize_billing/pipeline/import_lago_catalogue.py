"""Lago's metrics and plans → ours, by the same code that serves Lago's own API here."""

from collections.abc import Iterable
from typing import Any

from odoo import models

from ..engine.errors import BillingError, Invalid
from ..importers.errors import RowError
from ..importers.lago_translate import plan as translate_plan
from ..schemas.base import validated
from ..schemas.metric import MetricIn
from ..schemas.plan import PlanIn
from .import_report import ImportReport
from .upsert import ROW_ERRORS, message_of

FAULTS = (BillingError, RowError, *ROW_ERRORS)
KEPT = "The service is live: what changed in Lago is kept as it is here."


class BillingImportLagoCatalogue(models.AbstractModel):
    """Upserts by code. What Lago has that this system does not bill is refused, by name."""

    _name = "fusion.billing.import.lago.catalogue"
    _description = "Lago catalogue import"

    def _metrics(
        self, service_sudo: models.BaseModel, rows: Iterable[dict], report: ImportReport
    ) -> None:
        catalogue = self.env["fusion.billing.catalogue"]
        for row in rows:
            domain = [("service_id", "=", service_sudo.id), ("code", "=", row.get("code"))]
            metric = self.env["fusion.billing.metric"].search(domain, limit=1)

            def put(row=row, metric=metric):
                checked = validated(MetricIn, row)
                if wrong := checked.misfits():
                    raise Invalid(wrong)
                if metric:
                    return catalogue._update_metric(metric, checked.model_dump())
                return catalogue._create_metric(service_sudo, checked.model_dump())

            self._one(service_sudo, "metrics", row, bool(metric), put, report)
        report.advance("metrics", sum(report.counts["metrics"].values()))

    def _plans(
        self, service_sudo: models.BaseModel, rows: Iterable[dict], report: ImportReport
    ) -> dict[str, models.BaseModel]:
        """Code → plan, of every plan that is here now."""
        metrics = self._metric_ids(service_sudo)
        for row in rows:
            present = self._present(service_sudo, row.get("code"))

            def put(row=row, present=present):
                values = self._checked(row, metrics, present)
                return self._put(service_sudo, present, values)

            self._one(service_sudo, "plans", row, bool(present), put, report)
        report.advance("plans", sum(report.counts["plans"].values()))
        domain = [("x_fc_service_id", "=", service_sudo.id), ("x_fc_code", "!=", False)]
        plans = self.env["sale.subscription.plan"].search(domain)
        return {plan.x_fc_code: plan for plan in plans}

    def _overrides(
        self,
        service_sudo: models.BaseModel,
        overridden: list[tuple[str, str, dict]],
        plans: dict[str, models.BaseModel],
        report: ImportReport,
    ) -> dict[str, models.BaseModel]:
        """Plans at one subscription's own prices: to the app, still the plan they are of."""
        metrics, found = self._metric_ids(service_sudo), {}
        for key, _external_id, row in overridden:
            parent, present = plans.get(row["code"]), self._present(service_sudo, key)

            def put(row=row, key=key, parent=parent, present=present):
                if not parent:
                    raise RowError(f"The plan {row['code']} that it overrides was not imported.")
                values = self._checked(row, metrics, present) | {"code": key}
                plan = self._put(service_sudo, present, values)
                plan.x_fc_parent_id = parent
                return plan

            self._one(service_sudo, "plans", row | {"code": key}, bool(present), put, report)
            if plan := self._present(service_sudo, key):
                found[key] = plan
        return found

    # ------------------------------------------------------------------- details
    def _one(self, service_sudo, name: str, row: dict, known: bool, put: Any, report) -> None:
        """Write one row unless Lago's word is the one we had; a row that is refused fails alone."""
        code = str(row.get("code") or row.get("lago_id") or "")
        reference = self.env["fusion.billing.import.lago.reference"]
        try:
            with self.env.cr.savepoint():
                record, outcome = reference._keep(service_sudo, name[:-1], code, row)
                if known and outcome == "unchanged":
                    report.add(name, code, "unchanged")
                    return
                if known and service_sudo.mode == "live":
                    report.add(name, code, "skipped", KEPT, "warning")
                    return
                put()
        except FAULTS as error:
            report.add(name, code, "failed", message_of(error))
            return
        report.add(name, code, "updated" if known else "created")

    def _put(self, service_sudo, present: models.BaseModel, values: dict) -> models.BaseModel:
        catalogue = self.env["fusion.billing.catalogue"]
        if present:
            return catalogue._update_plan(present, values, set(values))
        return catalogue._create_plan(service_sudo, values)

    def _checked(self, row: dict, metrics: dict[str, str], present: models.BaseModel) -> dict:
        """The plan as our API takes it; charges that are here already are known by their code."""
        values = translate_plan(row, metrics)
        serialize = self.env["fusion.billing.serialize"]
        catalogue = self.env["fusion.billing.catalogue"]
        known = {}
        if present:
            charges = catalogue._charges_of(present)
            known = {charge.code: serialize._id("charge", charge) for charge in charges}
        for charge in values["charges"]:
            charge["id"] = known.get(charge.get("code"))
        checked = validated(PlanIn, values, is_currency=self._is_currency)
        return checked.model_dump()

    def _is_currency(self, code: str) -> bool:
        model = self.env["res.currency"].with_context(active_test=False)
        return bool(model.search_count([("name", "=", code)], limit=1))

    def _metric_ids(self, service_sudo: models.BaseModel) -> dict[str, str]:
        metrics = self.env["fusion.billing.metric"].search([("service_id", "=", service_sudo.id)])
        serialize = self.env["fusion.billing.serialize"]
        return {metric.code: serialize._id("metric", metric) for metric in metrics}

    def _present(self, service_sudo: models.BaseModel, code: str) -> models.BaseModel:
        domain = [("x_fc_service_id", "=", service_sudo.id), ("x_fc_code", "=", code)]
        return self.env["sale.subscription.plan"].search(domain, limit=1)
