"""/plans/{code}/charges/{charge_code}/filters: parts of a charge's usage, one by one."""

from typing import Any

from odoo.http import Controller, request

from ..schemas.answers.base import Meta
from ..schemas.answers.charge import FilterAnswer
from ..schemas.base import validated
from ..schemas.charge import FilterChangeIn
from ..schemas.declared import PAGES, Many, One
from ..schemas.query import page
from .plan_charges import CASCADE
from .wire import billing_route, cascades, root

ANSWER = One("filter", FilterAnswer)
PATH = "/plans/<string:code>/charges/<string:charge_code>/filters"
EDITABLE = ("values", "properties", "invoice_display_name")


class ChargeFiltersController(Controller):
    @billing_route(
        PATH,
        resource="charge_filter",
        methods=("POST",),
        body=One("filter", FilterChangeIn),
        answer=ANSWER,
    )
    def create_filter(self, code: str, charge_code: str) -> dict[str, Any]:
        """Add a filter to a charge. 404 ``plan_not_found``, ``charge_not_found``."""
        plan_sudo, charge_sudo = _charge(code, charge_code)
        values = validated(FilterChangeIn, root("filter")).model_dump()
        return _answer(_catalogue()._put_filter(plan_sudo, charge_sudo, None, values))

    @billing_route(
        PATH,
        resource="charge_filter",
        query=PAGES,
        answer=Many("filters", FilterAnswer, Meta),
    )
    def list_filters(self, code: str, charge_code: str) -> dict[str, Any]:
        """The filters of a charge in their order. Query: ``page``, ``per_page``."""
        _plan_sudo, charge_sudo = _charge(code, charge_code)
        wanted = page(request.httprequest.args)
        filters_sudo = charge_sudo.filter_ids.sorted("sequence")
        serialize = request.env["fusion.billing.serialize"]
        found_sudo = filters_sudo[wanted.offset : wanted.offset + wanted.size]
        return {
            "filters": [serialize._charge_filter(own) for own in found_sudo],
            "meta": wanted.meta(len(filters_sudo)),
        }

    @billing_route(f"{PATH}/<string:filter_id>", resource="charge_filter", answer=ANSWER)
    def show_filter(self, code: str, charge_code: str, filter_id: str) -> dict[str, Any]:
        """One filter by its ``lago_id``. 404 ``charge_filter_not_found``."""
        _plan_sudo, charge_sudo = _charge(code, charge_code)
        return _answer(_catalogue()._find_filter(charge_sudo, filter_id))

    @billing_route(
        f"{PATH}/<string:filter_id>",
        resource="charge_filter",
        methods=("PUT",),
        body=One("filter", FilterChangeIn, partial=True),
        answer=ANSWER,
    )
    def update_filter(self, code: str, charge_code: str, filter_id: str) -> dict[str, Any]:
        """Change the keys that are sent; ``values`` and ``properties`` are replaced whole."""
        plan_sudo, charge_sudo = _charge(code, charge_code)
        own_sudo = _catalogue()._find_filter(charge_sudo, filter_id)
        present = request.env["fusion.billing.serialize"]._charge_filter(own_sudo)
        sent = {name: present[name] for name in EDITABLE} | root("filter")
        values = validated(FilterChangeIn, sent).model_dump()
        return _answer(_catalogue()._put_filter(plan_sudo, charge_sudo, own_sudo, values))

    @billing_route(
        f"{PATH}/<string:filter_id>",
        resource="charge_filter",
        methods=("DELETE",),
        query=(CASCADE,),
        answer=ANSWER,
    )
    def delete_filter(self, code: str, charge_code: str, filter_id: str) -> dict[str, Any]:
        """Take a filter off: its usage is priced as the charge itself from now on.

        ``cascade_updates``, in the query or under the body's ``filter``: off overridden charges
        too, where the price is still the same.
        """
        plan_sudo, charge_sudo = _charge(code, charge_code)
        own_sudo = _catalogue()._find_filter(charge_sudo, filter_id)
        answer = _answer(own_sudo)
        _catalogue()._drop_filter(plan_sudo, own_sudo, cascades("filter"))
        return answer


def _catalogue():
    return request.env["fusion.billing.catalogue"]


def _charge(code: str, charge_code: str):
    """The service's plan and its charge (sudo), or 404 of either."""
    plan_sudo = request.env["fusion.billing.subscribe"]._plan(request.fc_service, code)
    return plan_sudo, _catalogue()._find_charge(plan_sudo, charge_code)


def _answer(own_sudo) -> dict[str, Any]:
    return {"filter": request.env["fusion.billing.serialize"]._charge_filter(own_sudo)}
