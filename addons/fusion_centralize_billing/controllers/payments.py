"""/payments: what was paid, and payments that came in by another way."""

from typing import Any

from odoo.fields import Domain
from odoo.http import Controller, request

from ..engine.errors import Invalid, NotFound
from ..engine.identifier import decode_as
from ..pipeline.clock import local_day
from ..schemas.answers.base import Meta
from ..schemas.answers.payment import PaymentAnswer
from ..schemas.base import validated
from ..schemas.declared import PAGES, Many, One, text
from ..schemas.payment import PaymentIn
from .moves import customer_domain, own_move
from .wire import billing_route, paginated, root

PAYMENTS = (text("invoice_id"), text("external_customer_id"))


class PaymentsController(Controller):
    @billing_route(
        "/payments",
        resource="payment",
        query=(*PAYMENTS, *PAGES),
        answer=Many("payments", PaymentAnswer, Meta),
    )
    def list_payments(self) -> dict[str, Any]:
        """Payments of the service's invoices, newest first.

        Query: ``invoice_id``, ``external_customer_id``, ``page``, ``per_page``. An unknown
        invoice or customer matches nothing.
        """
        return payment_page(Domain.TRUE)

    @billing_route(
        "/payments/<string:lago_id>", resource="payment", answer=One("payment", PaymentAnswer)
    )
    def show_payment(self, lago_id: str) -> dict[str, Any]:
        """One payment. 404 ``payment_not_found``, another service's included."""
        wanted = own_payments() & Domain("id", "=", decode_as("payment", lago_id))
        payment = request.env["account.payment"].sudo().search(wanted, limit=1)
        if not payment:
            raise NotFound("payment")
        return {"payment": _shown(payment)}

    @billing_route(
        "/payments",
        resource="payment",
        methods=("POST",),
        body=One("payment", PaymentIn),
        answer=One("payment", PaymentAnswer),
        statuses=(404, 405),
    )
    def create_payment(self) -> dict[str, Any]:
        """Register a payment of an invoice and reconcile it in the ledger.

        ``{"payment": {"invoice_id", "amount_cents", "reference", "paid_at"?}}``. The same
        reference and amount again answers with the payment there is. 404 ``invoice_not_found``;
        405 ``invalid_status`` for drafts and voided ones; 422 ``amount_cents:
        value_is_out_of_range`` above what is due, ``reference: value_already_exist`` with another
        amount, ``paid_at: value_is_invalid`` in the future.
        """
        values = validated(PaymentIn, root("payment"))
        invoice_sudo = own_move("invoice", values.invoice_id)
        service = request.fc_service
        paid_at = values.paid_at or service._now()
        if paid_at > service._now():
            raise Invalid.field("paid_at", "value_is_invalid")
        day = local_day(paid_at, service.sudo().timezone)
        payment = request.env["fusion.billing.payment.api"]._receive(
            invoice_sudo, values.amount_cents, values.reference, day
        )
        return {"payment": _shown(payment)}


def payment_page(domain: Domain) -> dict[str, Any]:
    """The page of the service's payments that the query string and `domain` ask for."""
    found, meta = paginated(
        request.env["account.payment"].sudo(),
        domain & payment_domain(),
        "create_date desc, id desc",
    )
    return {"payments": [_shown(payment) for payment in found], "meta": meta}


def payment_domain() -> Domain:
    """Payments of the service's invoices, by ``invoice_id`` and ``external_customer_id``."""
    arguments, domain = request.httprequest.args, own_payments()
    if lago_id := arguments.get("invoice_id"):
        domain &= Domain("invoice_ids", "in", _invoice_ids(lago_id))
    if external_id := arguments.get("external_customer_id"):
        domain &= Domain("invoice_ids", "any", customer_domain(external_id))
    return domain


def own_payments() -> Domain:
    """Payments of invoices of the key's service."""
    return Domain("invoice_ids.x_fc_service_id", "=", request.fc_service.id) & Domain(
        "payment_type", "=", "inbound"
    )


def _invoice_ids(lago_id: str) -> list[int]:
    try:
        return own_move("invoice", lago_id).ids
    except NotFound:
        return []


def _shown(payment: Any) -> dict[str, Any]:
    return request.env["fusion.billing.serialize"]._payment(payment, request.fc_service)
