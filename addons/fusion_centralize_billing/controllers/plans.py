"""/plans: the service's catalogue, as it bills."""

from typing import Any

from odoo.http import Controller, request

from ..schemas.answers.base import Meta
from ..schemas.answers.plan import PlanAnswer, PlanBrief
from ..schemas.base import validated
from ..schemas.declared import PAGES, Many, One
from ..schemas.plan import PlanIn
from .wire import billing_route, knows, paginated, root

ANSWER = One("plan", PlanAnswer)
EDITABLE = tuple(name for name in PlanIn.model_fields if name != "charges")


class PlansController(Controller):
    @billing_route(
        "/plans",
        resource="plan",
        methods=("POST",),
        body=One("plan", PlanIn),
        answer=ANSWER,
        statuses=(404,),
    )
    def create_plan(self) -> dict[str, Any]:
        """Create a plan with its charges: it bills as soon as somebody subscribes.

        ``{"plan": {…}}`` → 200 ``{"plan": {…}}``. 404 ``billable_metrics_not_found``; 422 per
        field, ``properties`` with Lago's codes about prices.
        """
        values = _checked(root("plan"))
        return _answer(_catalogue()._create_plan(request.fc_service, values))

    @billing_route("/plans", resource="plan", query=PAGES, answer=Many("plans", PlanBrief, Meta))
    def list_plans(self) -> dict[str, Any]:
        """Plans with their charges, newest first. Query: ``page``, ``per_page``."""
        domain = [
            ("x_fc_service_id", "=", request.fc_service.id),
            ("x_fc_code", "!=", False),
            ("x_fc_parent_id", "=", False),
        ]
        plans, meta = paginated(
            request.env["sale.subscription.plan"].sudo(), domain, "create_date desc, id desc"
        )
        serialize = request.env["fusion.billing.serialize"]
        return {"plans": [serialize._plan(plan, full=False) for plan in plans], "meta": meta}

    @billing_route("/plans/<string:code>", resource="plan", answer=ANSWER)
    def show_plan(self, code: str) -> dict[str, Any]:
        """One plan by its code. 404 ``plan_not_found``."""
        return _answer(_find(code))

    @billing_route(
        "/plans/<string:code>",
        resource="plan",
        methods=("PUT",),
        body=One("plan", PlanIn, partial=True),
        answer=ANSWER,
    )
    def update_plan(self, code: str) -> dict[str, Any]:
        """Change the keys that are sent; ``charges`` is the whole set, each known by its ``id``.

        With subscriptions ``code``, ``interval``, ``amount_currency`` and ``pay_in_advance`` are
        ignored, as in Lago; a new ``amount_cents`` is on their next bill. Plans that are
        overridden for a customer stay as they are; with ``cascade_updates`` they follow in what
        was still as here.
        """
        plan_sudo = _find(code)
        sent = root("plan")
        present = request.env["fusion.billing.serialize"]._plan(plan_sudo)
        values = _checked({name: present.get(name) for name in EDITABLE} | sent)
        return _answer(_catalogue()._update_plan(plan_sudo, values, set(sent)))

    @billing_route("/plans/<string:code>", resource="plan", methods=("DELETE",), answer=ANSWER)
    def delete_plan(self, code: str) -> dict[str, Any]:
        """Take a plan away. What runs on it ends now and is billed, as in Lago."""
        plan_sudo = _find(code)
        answer = _answer(plan_sudo)
        _catalogue()._delete_plan(plan_sudo)
        return answer


def _catalogue():
    return request.env["fusion.billing.catalogue"]


def _find(code: str):
    return request.env["fusion.billing.subscribe"]._plan(request.fc_service, code)


def _answer(plan_sudo) -> dict[str, Any]:
    return {"plan": request.env["fusion.billing.serialize"]._plan(plan_sudo)}


def _checked(sent: dict[str, Any]) -> dict[str, Any]:
    return validated(PlanIn, sent, is_currency=knows("res.currency", "name")).model_dump()
