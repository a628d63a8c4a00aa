"""The catalogue, written by an app: its metrics. Plans and charges extend this model.

The technical user of a service may read its catalogue only; what is written here belongs to the
service that is passed in, by a narrow ``sudo``.
"""

from typing import Any

from odoo import models
from odoo.fields import Domain

from ..engine.errors import Invalid, NotAllowed, NotFound
from .serialize_catalog import AGGREGATION_TYPES

AGGREGATIONS = {word: ours for ours, word in AGGREGATION_TYPES.items()}
# What a charge or counted usage rests on.
TERMS = ("code", "aggregation", "field_name", "recurring", "rounding_function",
         "rounding_precision")  # fmt: skip


class BillingCatalogue(models.AbstractModel):
    """Create, change and take away what a service sells."""

    _name = "fusion.billing.catalogue"
    _description = "Catalogue written by an app"

    def _find_metric(self, service: models.BaseModel, code: str, archived: bool = False):
        """The service's metric (sudo) with that code, or 404 ``billable_metric_not_found``."""
        metric_sudo = self._metrics(service).search(
            [("service_id", "=", service.id), ("code", "=", code), ("active", "=", not archived)],
            limit=1,
        )
        if not metric_sudo:
            raise NotFound("billable_metric")
        return metric_sudo

    def _create_metric(self, service: models.BaseModel, values: dict[str, Any]):
        """A new metric (sudo); events that waited for its code count from now on.

        A code that was deleted comes back as the metric it was, if it counts the same: its usage
        and its invoices are still there.

        :param values: all keys of Lago's ``billable_metric``
        :raises Invalid: ``code`` ``value_already_exist``
        """
        vals = self._metric_vals(values)
        known_sudo = self._metrics(service).search(
            [("service_id", "=", service.id), ("code", "=", vals["code"])], limit=1
        )
        if not known_sudo:
            self._make_usage_product(service.sudo())
            metric_sudo = self._metrics(service).create(vals | {"service_id": service.id})
            self._tell_metric(metric_sudo, "billable_metric.created")
            return metric_sudo
        counts_the_same = all(
            (known_sudo[name] or False) == (vals[name] or False)
            for name in ("aggregation", "field_name")
        )
        if known_sudo.active or not counts_the_same:
            raise Invalid.field("code", "value_already_exist")
        known_sudo.write(vals | {"active": True})
        self._tell_metric(known_sudo, "billable_metric.created")
        self.env["fusion.billing.ingest"]._reexamine(service, codes=[known_sudo.code])
        return known_sudo

    def _update_metric(self, metric_sudo: models.BaseModel, values: dict[str, Any]):
        """Change a metric (sudo). On a plan, only its words and filters, as in Lago.

        :raises Invalid: another meaning for usage that was counted and stands on no plan: Lago
            would give it that meaning without a word
        """
        vals = self._metric_vals(values)
        before = {name: metric_sudo[name] for name in TERMS}
        changed = [name for name in TERMS if (before[name] or False) != (vals[name] or False)]
        if metric_sudo.charge_ids:
            vals = {name: value for name, value in vals.items() if name not in TERMS}
        elif changed and self._is_used(metric_sudo):
            words = {"aggregation": "aggregation_type"}
            raise Invalid({words.get(name, name): ["metric_has_usage"] for name in changed})
        taken = [("service_id", "=", metric_sudo.service_id.id), ("code", "=", vals.get("code"))]
        if "code" in changed and "code" in vals and metric_sudo.search_count(taken):
            raise Invalid.field("code", "value_already_exist")
        metric_sudo.write(vals)
        self._tell_metric(metric_sudo, "billable_metric.updated")
        if "code" in changed and "code" in vals:
            self.env["fusion.billing.ingest"]._reexamine(
                metric_sudo.service_id, codes=[metric_sudo.code]
            )
        return metric_sudo

    def _delete_metric(self, metric_sudo: models.BaseModel) -> None:
        """Take a metric and its charges away; what has counted something is archived.

        :raises NotAllowed: it prices a running subscription, whose usage would stay unbilled
        """
        charges_sudo = metric_sudo.charge_ids
        if self._running(charges_sudo.plan_id):
            raise NotAllowed("billable_metric_in_use")
        self._tell_metric(metric_sudo, "billable_metric.deleted")
        if self._is_used(metric_sudo) or metric_sudo.with_context(active_test=False).charge_ids:
            charges_sudo.write({"active": False})
            metric_sudo.active = False
        else:
            metric_sudo.unlink()

    # ------------------------------------------------------------------- details
    def _make_usage_product(self, service_sudo: models.BaseModel) -> None:
        """Give a service its product for usage, unless it has one: without a product a usage line
        has no income account and no tax, so the run could not bill it."""
        if not service_sudo.usage_product_id:
            helper = self.env["fusion.billing.import.catalogue"].sudo()
            name = self.env._("%(service)s usage", service=service_sudo.name)
            service_sudo.usage_product_id = helper._product(service_sudo, name)

    def _metrics(self, service: models.BaseModel) -> models.BaseModel:
        """The model of metrics (sudo), archived ones within reach, in the service's company."""
        company_sudo = service.sudo().company_id
        model_sudo = self.env["fusion.billing.metric"].sudo().with_company(company_sudo)
        return model_sudo.with_context(active_test=False)

    def _metric_vals(self, values: dict[str, Any]) -> dict[str, Any]:
        aggregation = AGGREGATIONS[values["aggregation_type"]]
        return {
            "name": values["name"],
            "code": values["code"],
            "description": values["description"],
            "aggregation": aggregation,
            "field_name": values["field_name"] if aggregation != "count" else False,
            "recurring": bool(values["recurring"]),
            "rounding_function": values["rounding_function"] or "none",
            "rounding_precision": values["rounding_precision"] or 0,
            "declared_filters": values["filters"] or False,
        }

    def _is_used(self, metric_sudo: models.BaseModel) -> bool:
        """Whether anything was ever counted by it."""
        usage_sudo = self.env["fusion.billing.usage"].sudo()
        return bool(usage_sudo.search_count([("metric_id", "=", metric_sudo.id)], limit=1))

    def _running(self, plans_sudo: models.BaseModel) -> models.BaseModel:
        """The subscriptions (sudo) to these plans that run or are to start."""
        if not plans_sudo:
            return self.env["sale.order"].sudo()
        service = plans_sudo.x_fc_service_id
        domain = self.env["fusion.billing.subscribe"]._domain(service, ["active", "pending"])
        return (
            self.env["sale.order"].sudo().search(domain & Domain("plan_id", "in", plans_sudo.ids))
        )
