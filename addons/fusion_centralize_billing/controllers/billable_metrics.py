"""/billable_metrics: what an app counts."""

from typing import Any

from odoo.http import Controller, request

from ..engine.errors import Invalid
from ..schemas.answers.base import Meta
from ..schemas.answers.metric import MetricAnswer
from ..schemas.base import validated
from ..schemas.declared import PAGES, Many, One
from ..schemas.metric import MetricIn
from .wire import billing_route, paginated, root

ANSWER = One("billable_metric", MetricAnswer)
EDITABLE = tuple(MetricIn.model_fields)


class BillableMetricsController(Controller):
    @billing_route(
        "/billable_metrics",
        resource="billable_metric",
        methods=("POST",),
        body=One("billable_metric", MetricIn),
        answer=ANSWER,
    )
    def create_billable_metric(self) -> dict[str, Any]:
        """Create a metric; events that were parked for want of it count at once.

        ``{"billable_metric": {…}}`` → 200 ``{"billable_metric": {…}}``. 422 per field, ``code``
        ``value_already_exist``.
        """
        values = _checked(root("billable_metric"))
        return _answer(_catalogue()._create_metric(request.fc_service, values))

    @billing_route(
        "/billable_metrics",
        resource="billable_metric",
        query=PAGES,
        answer=Many("billable_metrics", MetricAnswer, Meta),
    )
    def list_billable_metrics(self) -> dict[str, Any]:
        """Metrics, newest first. Query: ``page``, ``per_page``."""
        domain = [("service_id", "=", request.fc_service.id)]
        metrics, meta = paginated(
            request.env["fusion.billing.metric"], domain, "create_date desc, id desc"
        )
        serialize = request.env["fusion.billing.serialize"]
        return {"billable_metrics": [serialize._metric(each) for each in metrics], "meta": meta}

    @billing_route("/billable_metrics/<string:code>", resource="billable_metric", answer=ANSWER)
    def show_billable_metric(self, code: str) -> dict[str, Any]:
        """One metric by its code. 404 ``billable_metric_not_found``."""
        return _answer(_catalogue()._find_metric(request.fc_service, code))

    @billing_route(
        "/billable_metrics/<string:code>",
        resource="billable_metric",
        methods=("PUT",),
        body=One("billable_metric", MetricIn, partial=True),
        answer=ANSWER,
    )
    def update_billable_metric(self, code: str) -> dict[str, Any]:
        """Change the keys that are sent. On a plan only ``name``, ``description`` and ``filters``
        do something, as in Lago; 422 ``metric_has_usage`` where usage would change its meaning.
        """
        metric_sudo = _catalogue()._find_metric(request.fc_service, code)
        present = request.env["fusion.billing.serialize"]._metric(metric_sudo)
        sent = root("billable_metric")
        values = _checked({name: present.get(name) for name in EDITABLE} | sent)
        return _answer(_catalogue()._update_metric(metric_sudo, values))

    @billing_route(
        "/billable_metrics/<string:code>",
        resource="billable_metric",
        methods=("DELETE",),
        answer=ANSWER,
        statuses=(405,),
    )
    def delete_billable_metric(self, code: str) -> dict[str, Any]:
        """Take a metric away, with its charges. 405 ``billable_metric_in_use`` while a running
        subscription is priced by it."""
        metric_sudo = _catalogue()._find_metric(request.fc_service, code)
        answer = _answer(metric_sudo)
        _catalogue()._delete_metric(metric_sudo)
        return answer


def _catalogue():
    return request.env["fusion.billing.catalogue"]


def _answer(metric_sudo) -> dict[str, Any]:
    return {"billable_metric": request.env["fusion.billing.serialize"]._metric(metric_sudo)}


def _checked(sent: dict[str, Any]) -> dict[str, Any]:
    values = validated(MetricIn, sent)
    if wrong := values.misfits():
        raise Invalid(wrong)
    return values.model_dump()
