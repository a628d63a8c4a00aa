"""/invoices: what was billed. Drafts are shown, credit notes are another resource."""

from typing import Any

from odoo.fields import Domain
from odoo.http import Controller, request

from ..engine.errors import NotFound
from ..engine.identifier import decode_as
from ..pipeline.serialize_invoice import SETTLED, STATUSES
from ..schemas.query import choices, day, several
from .wire import billing_route, paginated

STATES = {status: state for state, status in STATUSES.items()}


class InvoicesController(Controller):
    @billing_route("/invoices", resource="invoice")
    def list_invoices(self) -> dict[str, Any]:
        """Invoices of the service, latest issuing date first, without fees.

        Query: ``external_customer_id``, ``status[]`` draft, finalized, voided (failed and
        pending exist in Lago and match nothing here), ``payment_status[]`` pending, succeeded,
        failed, ``issuing_date_from``, ``issuing_date_to``, ``currency``, ``page``, ``per_page``.
        """
        domain = _domain(request.httprequest.args)
        moves, meta = paginated(
            request.env["account.move"].sudo(), domain, "invoice_date desc, id desc"
        )
        serialize = request.env["fusion.billing.serialize"]
        return {"invoices": [serialize._invoice(move) for move in moves], "meta": meta}

    @billing_route("/invoices/<string:lago_id>", resource="invoice")
    def show_invoice(self, lago_id: str) -> dict[str, Any]:
        """One invoice with its fees. 404 ``invoice_not_found``, another service's included."""
        wanted = _own() & Domain("id", "=", decode_as("invoice", lago_id))
        move = request.env["account.move"].sudo().search(wanted, limit=1)
        if not move:
            raise NotFound("invoice")
        return {"invoice": request.env["fusion.billing.serialize"]._invoice(move, full=True)}


def _own() -> Domain:
    return Domain("x_fc_service_id", "=", request.fc_service.id) & Domain(
        "move_type", "=", "out_invoice"
    )


def _domain(arguments: Any) -> Domain:
    """The filters of a list; an unknown customer or currency simply matches nothing."""
    domain = _own() & _by_status(arguments)
    if external_id := arguments.get("external_customer_id"):
        domain &= Domain(
            "invoice_line_ids.subscription_id.x_fc_link_id.external_id", "=", external_id
        )
    if currencies := several(arguments, "currency"):
        domain &= Domain("currency_id.name", "in", currencies)
    for argument, operator in (("issuing_date_from", ">="), ("issuing_date_to", "<=")):
        if bound := day(arguments, argument):
            domain &= Domain("invoice_date", operator, bound)
    return domain


def _by_status(arguments: Any) -> Domain:
    domain = Domain.TRUE
    known = (*STATES, "failed", "pending")
    if statuses := choices(arguments, known, "status", "statuses"):
        states = [STATES[status] for status in statuses if status in STATES]
        domain &= Domain("state", "in", states)
    allowed = ("pending", "succeeded", "failed")
    if paid := choices(arguments, allowed, "payment_status", "payment_statuses"):
        settled = Domain("payment_state", "in", SETTLED)
        parts = {"succeeded": settled, "pending": ~settled, "failed": Domain.FALSE}
        domain &= Domain.OR(parts[status] for status in paid)
    return domain
