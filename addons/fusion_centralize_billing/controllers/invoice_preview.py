"""POST /invoices/preview: what an invoice would say."""

from typing import Any

from odoo.http import Controller, request

from ..schemas.answers.invoice import InvoicePreview
from ..schemas.base import validated
from ..schemas.customer import PreviewCustomerIn
from ..schemas.declared import Flat, One
from ..schemas.invoice_preview import InvoicePreviewIn
from .errors import BadRequest
from .wire import billing_route, customer_link, knows


class InvoicePreviewController(Controller):
    @billing_route(
        "/invoices/preview",
        resource="invoice",
        methods=("POST",),
        body=Flat(InvoicePreviewIn),
        answer=One("invoice", InvoicePreview),
        statuses=(404,),
    )
    def preview_invoice(self) -> dict[str, Any]:
        """The next invoice of subscriptions, or the first one of a plan; keeps nothing.

        ``{"subscriptions": {"external_ids"}, "customer"?: {"external_id"}}``, or ``{"customer":
        {"external_id"? …}, "plan_code", "billing_time"?, "subscription_at"?}`` for a customer
        there is or one who is only described. 404 ``customer_not_found``, ``plan_not_found``,
        ``subscription_not_found``; 422 ``coupons``, ``plan_code`` and ``terminated_at`` of
        subscriptions: ``not_supported``.
        """
        if not isinstance(request.fc_body, dict):
            raise BadRequest.missing("customer")
        asked = validated(InvoicePreviewIn, request.fc_body)
        customer = _customer(asked.customer or {})
        service = request.fc_service
        stage = request.env["fusion.billing.invoice.preview"]
        if asked.subscriptions:
            return {
                "invoice": stage._of_running(
                    service, asked.subscriptions.external_ids, customer.get("external_id")
                )
            }
        values = asked.model_dump(include={"billing_time", "subscription_at"})
        return {"invoice": stage._of_new(service, customer, asked.plan_code, values)}


def _customer(body: dict[str, Any]) -> dict[str, Any]:
    """What was said of a customer, who exists if an id is sent alone. Clients send null for what
    they do not say."""
    shape = validated(
        PreviewCustomerIn,
        body,
        is_country=knows("res.country", "code"),
        is_currency=knows("res.currency", "name"),
    )
    customer = shape.model_dump(exclude_unset=True, exclude_none=True)
    if customer.get("external_id") and len(customer) == 1:
        customer_link(customer["external_id"])
    return customer
