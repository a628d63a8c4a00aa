"""/plans/{code}/charges: the usage prices of a plan, one by one."""

from typing import Any

from odoo.http import Controller, request

from ..schemas.answers.base import Meta
from ..schemas.answers.charge import ChargeAnswer
from ..schemas.base import validated
from ..schemas.charge import ChargeIn
from ..schemas.declared import PAGES, Many, One, flag
from ..schemas.query import page
from .wire import billing_route, cascades, root

ANSWER = One("charge", ChargeAnswer)
CASCADE = flag("cascade_updates", "Whether plans overridden for a customer follow.")
EDITABLE = tuple(name for name in ChargeIn.model_fields if name != "id")


class PlanChargesController(Controller):
    @billing_route(
        "/plans/<string:code>/charges",
        resource="charge",
        methods=("POST",),
        body=One("charge", ChargeIn),
        answer=ANSWER,
    )
    def create_charge(self, code: str) -> dict[str, Any]:
        """Add a charge to a plan. 404 ``plan_not_found``, ``billable_metrics_not_found``."""
        plan_sudo = _plan(code)
        values = validated(ChargeIn, root("charge")).model_dump()
        return _answer(_catalogue()._put_charge(plan_sudo, None, values))

    @billing_route(
        "/plans/<string:code>/charges",
        resource="charge",
        query=PAGES,
        answer=Many("charges", ChargeAnswer, Meta),
    )
    def list_charges(self, code: str) -> dict[str, Any]:
        """The charges of a plan in their order. Query: ``page``, ``per_page``."""
        charges_sudo = _catalogue()._charges_of(_plan(code))
        wanted = page(request.httprequest.args)
        found = charges_sudo[wanted.offset : wanted.offset + wanted.size]
        serialize = request.env["fusion.billing.serialize"]
        return {
            "charges": [serialize._charge(charge) for charge in found],
            "meta": wanted.meta(len(charges_sudo)),
        }

    @billing_route(
        "/plans/<string:code>/charges/<string:charge_code>", resource="charge", answer=ANSWER
    )
    def show_charge(self, code: str, charge_code: str) -> dict[str, Any]:
        """One charge by its code. 404 ``charge_not_found``."""
        return _answer(_catalogue()._find_charge(_plan(code), charge_code))

    @billing_route(
        "/plans/<string:code>/charges/<string:charge_code>",
        resource="charge",
        methods=("PUT",),
        body=One("charge", ChargeIn, partial=True),
        answer=ANSWER,
    )
    def update_charge(self, code: str, charge_code: str) -> dict[str, Any]:
        """Change the keys that are sent; ``properties`` and ``filters`` are replaced whole."""
        plan_sudo = _plan(code)
        charge_sudo = _catalogue()._find_charge(plan_sudo, charge_code)
        present = request.env["fusion.billing.serialize"]._charge(charge_sudo)
        present["billable_metric_id"] = present["lago_billable_metric_id"]
        sent = root("charge")
        values = validated(ChargeIn, {name: present.get(name) for name in EDITABLE} | sent)
        return _answer(_catalogue()._put_charge(plan_sudo, charge_sudo, values.model_dump()))

    @billing_route(
        "/plans/<string:code>/charges/<string:charge_code>",
        resource="charge",
        methods=("DELETE",),
        query=(CASCADE,),
        answer=ANSWER,
    )
    def delete_charge(self, code: str, charge_code: str) -> dict[str, Any]:
        """Take a charge off a plan: what it did not bill yet stays unbilled, as in Lago.

        ``cascade_updates``, in the query or under the body's ``charge``: off its overrides too,
        where the price is still the same.
        """
        plan_sudo = _plan(code)
        charge_sudo = _catalogue()._find_charge(plan_sudo, charge_code)
        answer = _answer(charge_sudo)
        _catalogue()._drop_charge(plan_sudo, charge_sudo, cascades("charge"))
        return answer


def _catalogue():
    return request.env["fusion.billing.catalogue"]


def _plan(code: str):
    return request.env["fusion.billing.subscribe"]._plan(request.fc_service, code)


def _answer(charge_sudo) -> dict[str, Any]:
    return {"charge": request.env["fusion.billing.serialize"]._charge(charge_sudo)}
