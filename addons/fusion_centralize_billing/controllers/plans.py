"""/plans: the service's catalogue, as it bills."""

from typing import Any

from odoo.http import Controller, request

from .wire import billing_route, paginated


class PlansController(Controller):
    @billing_route("/plans", resource="plan")
    def list_plans(self) -> dict[str, Any]:
        """Plans with their charges, newest first. Query: ``page``, ``per_page``."""
        domain = [
            ("x_fc_service_id", "=", request.fc_service.id),
            ("x_fc_code", "!=", False),
        ]
        plans, meta = paginated(
            request.env["sale.subscription.plan"].sudo(), domain, "create_date desc, id desc"
        )
        serialize = request.env["fusion.billing.serialize"]
        return {"plans": [serialize._plan(plan, full=False) for plan in plans], "meta": meta}

    @billing_route("/plans/<string:code>", resource="plan")
    def show_plan(self, code: str) -> dict[str, Any]:
        """One plan by its code. 404 ``plan_not_found``."""
        plan = request.env["fusion.billing.subscribe"]._plan(request.fc_service, code)
        return {"plan": request.env["fusion.billing.serialize"]._plan(plan)}
