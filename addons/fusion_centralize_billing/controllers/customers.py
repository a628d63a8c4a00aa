"""/customers: who an app's customers are, and what they used so far."""

from typing import Any

from odoo.http import Controller, request

from ..engine.errors import NotAllowed
from ..schemas.answers.customer import CustomerAnswer
from ..schemas.answers.usage import CurrentUsage
from ..schemas.base import validated
from ..schemas.customer import CustomerIn
from ..schemas.declared import One, text
from ..schemas.declared import flag as yes_or_no
from ..schemas.query import flag
from .wire import billing_route, customer_link, knows, root

FILTERS = ("charge_id", "charge_code", "billable_metric_code")
USAGE = (
    text("external_subscription_id", required=True),
    yes_or_no("apply_taxes", "True unless said otherwise."),
    *(text(name, "Just these charges.") for name in FILTERS),
    *(text(f"filter_by_{name}", "The same, as it was spelled once.") for name in FILTERS),
)


class CustomersController(Controller):
    @billing_route(
        "/customers",
        resource="customer",
        methods=("POST",),
        body=One("customer", CustomerIn),
        answer=One("customer", CustomerAnswer),
    )
    def upsert_customer(self) -> dict[str, Any]:
        """Create or change a customer by ``external_id``.

        ``{"customer": {…}}`` → 200 ``{"customer": {…}}``. 400 without root key, 422 with every
        wrong field.
        """
        values = validated(
            CustomerIn,
            root("customer"),
            is_country=knows("res.country", "code"),
            is_currency=knows("res.currency", "name"),
        ).sent()
        external_id = values.pop("external_id")
        link = request.env["fusion.billing.customer"]._upsert(
            request.fc_service, external_id, values
        )
        return {"customer": request.env["fusion.billing.serialize"]._customer(link)}

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
        ``billable_metric_code``. 404 ``customer_not_found``; 405 ``no_active_subscription``.
        """
        link = customer_link(external_id)
        arguments = request.httprequest.args
        order_sudo = request.env["fusion.billing.subscribe"]._find(
            request.fc_service, arguments.get("external_subscription_id") or "", "active"
        )
        if not order_sudo or order_sudo.x_fc_link_id != link:
            raise NotAllowed("no_active_subscription")
        usage = request.env["fusion.billing.serialize"]._usage(
            order_sudo,
            request.fc_service._now(),
            apply_taxes=flag(arguments, "apply_taxes", default=True),
            only=_filters(arguments),
        )
        return {"customer_usage": usage}


def _filters(arguments: Any) -> dict[str, str]:
    """The charge filters, in today's and yesterday's spelling."""
    found = {name: arguments.get(name) or arguments.get(f"filter_by_{name}") for name in FILTERS}
    return {name: value for name, value in found.items() if value}
