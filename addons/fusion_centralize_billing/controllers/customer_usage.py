"""GET /customers/{id}/current_usage and projected_usage: the running period, now and at its end."""

import json
import re
from typing import Any

from odoo import models
from odoo.http import Controller, request

from ..engine.errors import NotAllowed
from ..schemas.answers.usage import CurrentUsage, ProjectedUsage
from ..schemas.declared import One, pairs, text
from ..schemas.declared import flag as yes_or_no
from ..schemas.query import flag
from .wire import billing_route, customer_link

FILTERS = ("charge_id", "charge_code", "billable_metric_code")
WHICH = (
    text("external_subscription_id", required=True),
    yes_or_no("apply_taxes", "True unless said otherwise."),
)
USAGE = (
    *WHICH,
    *(text(name, "Just these charges.") for name in FILTERS),
    *(text(f"filter_by_{name}", "The same, as it was spelled once.") for name in FILTERS),
    pairs("group", "Just charges grouped by these properties, and of them these groups."),
    text("filter_by_group", "The same as JSON, as it was spelled once."),
    yes_or_no("skip_grouping", "Leave `grouped_usage` empty."),
)
GROUP = re.compile(r"group\[([^\]]+)\]")


class CustomerUsageController(Controller):
    @billing_route(
        "/customers/<string:external_id>/current_usage",
        resource="customer",
        query=USAGE,
        answer=One("customer_usage", CurrentUsage),
        statuses=(405,),
    )
    def current_usage(self, external_id: str) -> dict[str, Any]:
        """What ``external_subscription_id`` used in its running period, priced, taxed.

        Query: ``apply_taxes`` (default true), ``charge_id``, ``charge_code``,
        ``billable_metric_code``, ``group[key]`` (charges grouped by these keys, and of them the
        groups with these values), ``skip_grouping``. 404 ``customer_not_found``; 405
        ``no_active_subscription``.
        """
        order_sudo, arguments = _running(external_id), request.httprequest.args
        usage = request.env["fusion.billing.serialize"]._usage(
            order_sudo,
            request.fc_service._now(),
            apply_taxes=flag(arguments, "apply_taxes", default=True),
            only=_filters(arguments),
            group=_group(arguments),
            grouping=not flag(arguments, "skip_grouping", default=False),
        )
        return {"customer_usage": usage}

    @billing_route(
        "/customers/<string:external_id>/projected_usage",
        resource="customer",
        query=WHICH,
        answer=One("customer_projected_usage", ProjectedUsage),
        statuses=(405,),
    )
    def projected_usage(self, external_id: str) -> dict[str, Any]:
        """The running period beside what it will say at its end if usage goes on as it began.

        Query: ``external_subscription_id``, ``apply_taxes`` (default true). Errors as for
        current usage.
        """
        order_sudo = _running(external_id)
        usage = request.env["fusion.billing.serialize"]._projected_usage(
            order_sudo,
            request.fc_service._now(),
            apply_taxes=flag(request.httprequest.args, "apply_taxes", default=True),
        )
        return {"customer_projected_usage": usage}


def _running(external_id: str) -> models.BaseModel:
    """The customer's active subscription (sudo) that the query string names."""
    link = customer_link(external_id)
    wanted = request.httprequest.args.get("external_subscription_id") or ""
    order_sudo = request.env["fusion.billing.subscribe"]._find(request.fc_service, wanted, "active")
    if not order_sudo or order_sudo.x_fc_link_id != link:
        raise NotAllowed("no_active_subscription")
    return order_sudo


def _filters(arguments: Any) -> dict[str, str]:
    """The charge filters, in today's and yesterday's spelling."""
    found = {name: arguments.get(name) or arguments.get(f"filter_by_{name}") for name in FILTERS}
    return {name: value for name, value in found.items() if value}


def _group(arguments: Any) -> dict[str, str]:
    """``group[key]=value``, or yesterday's JSON under ``filter_by_group``."""
    named = ((GROUP.fullmatch(name), value) for name, value in arguments.items())
    found = {match[1]: value for match, value in named if match}
    try:
        legacy = json.loads(arguments.get("filter_by_group") or "{}")
    except ValueError:
        legacy = {}
    known = legacy if isinstance(legacy, dict) else {}
    return {str(key): str(value) for key, value in known.items()} | found
