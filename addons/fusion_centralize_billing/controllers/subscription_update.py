"""PUT /subscriptions/{id}."""

from typing import Any

from odoo.http import Controller, request

from ..engine.errors import NotFound
from ..schemas.answers.subscription import SubscriptionAnswer
from ..schemas.base import validated
from ..schemas.declared import One
from ..schemas.subscription_update import SubscriptionUpdateIn
from .errors import Forbidden
from .subscriptions import PENDING, changing_to
from .wire import billing_route, root


class SubscriptionUpdateController(Controller):
    @billing_route(
        "/subscriptions/<string:external_id>",
        resource="subscription",
        methods=("PUT",),
        body=One("subscription", SubscriptionUpdateIn),
        query=(PENDING,),
        answer=One("subscription", SubscriptionAnswer),
    )
    def update_subscription(self, external_id: str) -> dict[str, Any]:
        """Change ``name``, ``ending_at``, ``plan_overrides`` and, while pending,
        ``subscription_at``.

        Query ``status=pending`` means the one that has not started, be it a start to come or a
        downgrade that waits. Overrides are on the next bill; keys that are not sent stay. 404
        ``subscription_not_found``, ``charge_not_found``; 403 ``feature_unavailable`` for usage
        thresholds and the like; 422 for another end than Lago's default one, which is given
        when it ends.
        """
        subscribe = request.env["fusion.billing.subscribe"]
        status = request.httprequest.args.get("status")
        order_sudo = subscribe._find(
            request.fc_service, external_id, "pending" if status == "pending" else "active"
        )
        changing = changing_to(external_id, status) if status else None
        if not order_sudo and not changing:
            raise NotFound("subscription")
        values = validated(SubscriptionUpdateIn, root("subscription"))
        if values.licensed_keys():
            raise Forbidden("feature_unavailable")
        subscribe._check_kept(values.on_termination_credit_note, values.on_termination_invoice)
        serialize = request.env["fusion.billing.serialize"]
        if changing:
            subscribe._update_change(changing, values.sent())
            return {"subscription": serialize._subscription_to_come(changing)}
        subscribe._update(order_sudo, values.sent())
        return {"subscription": serialize._subscription(order_sudo)}
