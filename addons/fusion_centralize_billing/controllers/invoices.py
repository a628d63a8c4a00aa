"""/invoices: what was billed. Drafts are shown, credit notes are another resource."""

from typing import Any

from odoo import models
from odoo.http import Controller, request

from ..schemas.answers.base import Meta
from ..schemas.answers.invoice import InvoiceAnswer, InvoiceBase, InvoiceBrief, PaymentDetails
from ..schemas.base import validated
from ..schemas.declared import PAGES, Flat, Many, Maybe, Nothing, One
from ..schemas.invoice import InvoiceChangeIn, InvoiceVoidIn
from .invoice_filters import INVOICES, invoice_domain
from .moves import MOVES, own_move
from .wire import billing_route, paginated, root

ANSWER = One("invoice", InvoiceAnswer)


class InvoicesController(Controller):
    @billing_route(
        "/invoices",
        resource="invoice",
        query=(*MOVES, *INVOICES, *PAGES),
        answer=Many("invoices", InvoiceBrief, Meta),
        statuses=(422,),
    )
    def list_invoices(self) -> dict[str, Any]:
        """Invoices of the service, latest issuing date first, without fees.

        Query: ``external_customer_id``, ``status[]`` draft, finalized, voided (failed and
        pending exist in Lago and match nothing here), ``payment_status[]`` pending, succeeded,
        failed, ``payment_overdue``, ``partially_paid``, ``payment_dispute_lost``,
        ``self_billed``, ``invoice_type``, ``issuing_date_from``, ``issuing_date_to``,
        ``amount_from``, ``amount_to``, ``currency``, ``search_term``, ``metadata[key]``,
        ``billing_entity_codes[]``, ``purchase_order_number``, ``page``, ``per_page``.
        """
        moves, meta = paginated(
            request.env["account.move"].sudo(),
            invoice_domain(request.httprequest.args),
            "invoice_date desc, id desc",
        )
        serialize = request.env["fusion.billing.serialize"]
        return {"invoices": [serialize._invoice(move) for move in moves], "meta": meta}

    @billing_route("/invoices/<string:lago_id>", resource="invoice", answer=ANSWER)
    def show_invoice(self, lago_id: str) -> dict[str, Any]:
        """One invoice with its fees. 404 ``invoice_not_found``, another service's included."""
        return _answer(own_move("invoice", lago_id))

    @billing_route(
        "/invoices/<string:lago_id>",
        resource="invoice",
        methods=("PUT",),
        body=One("invoice", InvoiceChangeIn),
        answer=ANSWER,
        statuses=(405,),
    )
    def update_invoice(self, lago_id: str) -> dict[str, Any]:
        """Change ``payment_status`` and ``metadata``. ``succeeded`` registers a payment of what
        is due. 405 ``update_on_voided_invoice``; 422 ``payment_status:
        invoice_is_paid`` where the ledger already has the money."""
        invoice_sudo = own_move("invoice", lago_id)
        values = validated(InvoiceChangeIn, root("invoice")).sent()
        _actions()._change(invoice_sudo, values)
        return _answer(invoice_sudo)

    @billing_route(
        "/invoices/<string:lago_id>/<any(download,download_pdf):_action>",
        resource="invoice",
        methods=("POST",),
        answer=Maybe(One("invoice", InvoiceBase)),
    )
    def download_invoice(self, lago_id: str, _action: str) -> dict[str, Any] | None:
        """The invoice with ``file_url``, its PDF; an empty 200 where there is none to be had:
        a draft, a voided one, or a server without wkhtmltopdf."""
        invoice_sudo = own_move("invoice", lago_id)
        files = request.env["fusion.billing.document.file"]
        if invoice_sudo.state != "posted" or not files._make(invoice_sudo):
            return None
        invoice = request.env["fusion.billing.serialize"]._invoice(invoice_sudo)
        for name in ("customer", "metadata", "applied_taxes"):
            del invoice[name]
        return {"invoice": invoice | {"file_url": files._url(invoice_sudo)}}

    @billing_route(
        "/invoices/<string:lago_id>/void",
        resource="invoice",
        methods=("POST",),
        body=Flat(InvoiceVoidIn),
        answer=ANSWER,
        statuses=(405,),
    )
    def void_invoice(self, lago_id: str) -> dict[str, Any]:
        """Reverse what is left of an invoice; what was paid becomes credit.

        ``{"generate_credit_note"?, "credit_amount"?, "refund_amount"?}``. 405 ``not_voidable``
        unless finalized; 422 ``refund_amount: not_supported`` where no card paid.
        """
        invoice_sudo = own_move("invoice", lago_id)
        _actions()._void(invoice_sudo, validated(InvoiceVoidIn, request.fc_body).sent())
        return _answer(invoice_sudo)

    @billing_route(
        "/invoices/<string:lago_id>/finalize", resource="invoice", methods=("PUT",), answer=ANSWER
    )
    def finalize_invoice(self, lago_id: str) -> dict[str, Any]:
        """Post a draft. 404 ``invoice_not_found`` for anything else."""
        invoice_sudo = own_move("invoice", lago_id)
        _actions()._finalize(invoice_sudo)
        return _answer(invoice_sudo)

    @billing_route(
        "/invoices/<string:lago_id>/refresh", resource="invoice", methods=("PUT",), answer=ANSWER
    )
    def refresh_invoice(self, lago_id: str) -> dict[str, Any]:
        """Rate the usage of a draft again. 404 ``invoice_not_found`` for anything else."""
        invoice_sudo = own_move("invoice", lago_id)
        _actions()._refresh(invoice_sudo)
        return _answer(invoice_sudo)

    @billing_route(
        "/invoices/<string:lago_id>/retry_payment",
        resource="invoice",
        methods=("POST",),
        answer=Nothing(),
        statuses=(405,),
    )
    def retry_payment(self, lago_id: str) -> None:
        """Charge the saved card again: an empty 200, the outcome comes by webhook. 405
        ``invalid_status``, ``payment_processor_is_currently_handling_payment``; 422 ``base:
        no_linked_payment_provider`` without a saved card."""
        _actions()._retry_payment(own_move("invoice", lago_id))

    @billing_route(
        "/invoices/<string:lago_id>/payment_url",
        resource="invoice",
        methods=("POST",),
        answer=One("invoice_payment_details", PaymentDetails),
        statuses=(405,),
    )
    def payment_url(self, lago_id: str) -> dict[str, Any]:
        """Odoo's page where the customer pays this invoice. 405
        ``invalid_status``; 422 ``base: no_linked_payment_provider``."""
        return {"invoice_payment_details": _actions()._payment_url(own_move("invoice", lago_id))}


def _actions() -> models.BaseModel:
    return request.env["fusion.billing.invoice.actions"]


def _answer(invoice: models.BaseModel) -> dict[str, Any]:
    return {"invoice": request.env["fusion.billing.serialize"]._invoice(invoice, full=True)}
