"""/fees: the lines of the service's invoices, and how each amount came about."""

from typing import Any

from odoo import models
from odoo.fields import Domain
from odoo.http import Controller, request

from ..engine.errors import NotAllowed, NotFound
from ..engine.identifier import decode_as
from ..schemas.answers.base import Meta
from ..schemas.answers.fee import FeeAnswer, FeeExplanation
from ..schemas.declared import PAGES, Many, Nothing, One
from .fee_filters import FEES, fee_domain, own_fees
from .wire import billing_route, paginated


class FeesController(Controller):
    @billing_route(
        "/fees",
        resource="fee",
        query=(*FEES, *PAGES),
        answer=Many("fees", FeeAnswer, Meta),
        statuses=(422,),
    )
    def list_fees(self) -> dict[str, Any]:
        """Fees of the service, newest first.

        Query: ``external_customer_id``, ``external_subscription_id``, ``currency``,
        ``fee_type[]``, ``billable_metric_code``, ``payment_status[]``,
        ``event_transaction_id`` (of fees paid in advance, which we have none of),
        ``{created,succeeded,failed,refunded}_at_{from,to}``, ``page``, ``per_page``.
        """
        domain = fee_domain(request.httprequest.args)
        lines, meta = paginated(
            request.env["account.move.line"].sudo(), domain, "create_date desc, id desc"
        )
        return {"fees": [_shown(line) for line in lines], "meta": meta}

    @billing_route("/fees/<string:lago_id>", resource="fee", answer=One("fee", FeeAnswer))
    def show_fee(self, lago_id: str) -> dict[str, Any]:
        """One fee by its id. 404 ``fee_not_found``, another service's included."""
        return {"fee": _shown(_find(lago_id))}

    @billing_route(
        "/fees/<string:lago_id>",
        resource="fee",
        methods=("PUT", "DELETE"),
        answer=Nothing(),
        statuses=(405,),
    )
    def change_fee(self, lago_id: str) -> None:
        """Refused with 405 ``invoiced_fee``. A fee on an invoice is paid, and taken back, with
        it, and there are no others."""
        _find(lago_id)
        raise NotAllowed("invoiced_fee")

    @billing_route(
        "/fees/<string:lago_id>/explain",
        resource="fee",
        answer=One("fee_explanation", FeeExplanation),
    )
    def explain_fee(self, lago_id: str) -> dict[str, Any]:
        """How the amount came about: its derivation, and in sentences in the customer's language.
        ``replays`` says whether computing it again gives the same. Not in Lago."""
        serialize = request.env["fusion.billing.serialize"]
        return {"fee_explanation": serialize._fee_explanation(_find(lago_id))}


def _find(lago_id: str) -> models.BaseModel:
    wanted = own_fees() & Domain("id", "=", decode_as("fee", lago_id))
    line_sudo = request.env["account.move.line"].sudo().search(wanted, limit=1)
    if not line_sudo:
        raise NotFound("fee")
    return line_sudo


def _shown(line_sudo: models.BaseModel) -> dict[str, Any]:
    return request.env["fusion.billing.serialize"]._fee_alone(line_sudo)
