"""GET /customers/{id}/payments and credit_notes: one customer's part of the lists."""

from typing import Any

from odoo.fields import Domain
from odoo.http import Controller

from ..schemas.answers.base import Meta
from ..schemas.answers.credit_note import CreditNoteAnswer
from ..schemas.answers.payment import PaymentAnswer
from ..schemas.declared import PAGES, Many
from .credit_notes import NOTES, credit_note_page
from .moves import MOVES
from .payments import PAYMENTS, payment_page
from .wire import billing_route, customer_link


class CustomerListsController(Controller):
    @billing_route(
        "/customers/<string:external_id>/payments",
        resource="customer",
        query=(*PAYMENTS, *PAGES),
        answer=Many("payments", PaymentAnswer, Meta),
    )
    def list_customer_payments(self, external_id: str) -> dict[str, Any]:
        """A customer's payments, newest first, with the filters of ``GET /payments``."""
        return payment_page(Domain("invoice_ids", "any", _of_customer(external_id)))

    @billing_route(
        "/customers/<string:external_id>/credit_notes",
        resource="customer",
        query=(*MOVES, *NOTES, *PAGES),
        answer=Many("credit_notes", CreditNoteAnswer, Meta),
        statuses=(422,),
    )
    def list_customer_credit_notes(self, external_id: str) -> dict[str, Any]:
        """A customer's credit notes, latest first, with the filters of ``GET /credit_notes``."""
        return credit_note_page(_of_customer(external_id))


def _of_customer(external_id: str) -> Domain:
    link = customer_link(external_id)
    return Domain("invoice_line_ids.subscription_id.x_fc_link_id", "=", link.id)
