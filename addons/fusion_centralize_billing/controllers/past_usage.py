"""GET /customers/{id}/past_usage: the periods that were billed."""

from typing import Any

from odoo.http import Controller, request

from ..engine.errors import Invalid, NotFound
from ..schemas.answers.base import Meta
from ..schemas.answers.usage import PastUsage
from ..schemas.declared import PAGES, Many, text, whole
from ..schemas.query import page
from .wire import billing_route, customer_link

PAST_USAGE = (
    text("external_subscription_id", required=True),
    text("billable_metric_code", "Just the charges of this metric."),
    whole("periods_count", "Just so many, the latest."),
)


class PastUsageController(Controller):
    @billing_route(
        "/customers/<string:external_id>/past_usage",
        resource="customer",
        query=(*PAST_USAGE, *PAGES),
        answer=Many("usage_periods", PastUsage, Meta),
        statuses=(422,),
    )
    def past_usage(self, external_id: str) -> dict[str, Any]:
        """Usage of billed periods, latest first, at the prices they were billed at.

        Query: ``external_subscription_id`` (mandatory), ``billable_metric_code``,
        ``periods_count``, ``page``, ``per_page``. 404 ``customer_not_found``,
        ``subscription_not_found``.
        """
        link, arguments = customer_link(external_id), request.httprequest.args
        subscription_id = arguments.get("external_subscription_id") or ""
        if not subscription_id:
            raise Invalid.field("external_subscription_id", "value_is_mandatory")
        orders = [("x_fc_link_id", "=", link.id), ("x_fc_external_id", "=", subscription_id)]
        if not request.env["sale.order"].sudo().search_count(orders, limit=1):
            raise NotFound("subscription")
        serialize = request.env["fusion.billing.serialize"]
        domain = serialize._past_periods(request.fc_service, link, subscription_id)
        periods_sudo = request.env["fusion.billing.period"].sudo().search(domain)
        count = arguments.get("periods_count") or ""
        if count.isascii() and count.isdigit() and len(count) < 9:
            periods_sudo = periods_sudo[: int(count)]
        wanted = page(arguments)
        shown = periods_sudo[wanted.offset : wanted.offset + wanted.size]
        metric = arguments.get("billable_metric_code") or ""
        return {
            "usage_periods": [serialize._past_usage(period, metric) for period in shown],
            "meta": wanted.meta(len(periods_sudo)),
        }
