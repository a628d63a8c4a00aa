"""/payment_receipts: what was received, one for each payment that succeeded."""

from typing import Any

from odoo.fields import Domain
from odoo.http import Controller, request

from ..engine.errors import NotFound
from ..engine.identifier import decode_as
from ..pipeline.payment_api import DONE
from ..schemas.answers.base import Meta
from ..schemas.answers.payment import ReceiptAnswer
from ..schemas.declared import PAGES, Many, One
from .payments import PAYMENTS, own_payments, payment_domain
from .wire import billing_route, paginated

RECEIVED = Domain("state", "in", DONE)


class PaymentReceiptsController(Controller):
    @billing_route(
        "/payment_receipts",
        resource="payment_receipt",
        query=(*PAYMENTS, *PAGES),
        answer=Many("payment_receipts", ReceiptAnswer, Meta),
    )
    def list_payment_receipts(self) -> dict[str, Any]:
        """Receipts of the service's payments, newest first, with the filters of
        ``GET /payments``."""
        payments_sudo, meta = paginated(
            request.env["account.payment"].sudo(),
            payment_domain() & RECEIVED,
            "create_date desc, id desc",
        )
        receipts = [_shown(payment) for payment in payments_sudo]
        return {"payment_receipts": receipts, "meta": meta}

    @billing_route(
        "/payment_receipts/<string:lago_id>",
        resource="payment_receipt",
        answer=One("payment_receipt", ReceiptAnswer),
    )
    def show_payment_receipt(self, lago_id: str) -> dict[str, Any]:
        """One receipt. 404 ``payment_receipt_not_found``, another service's included."""
        wanted = own_payments() & RECEIVED
        wanted &= Domain("id", "=", decode_as("payment_receipt", lago_id))
        payment_sudo = request.env["account.payment"].sudo().search(wanted, limit=1)
        if not payment_sudo:
            raise NotFound("payment_receipt")
        return {"payment_receipt": _shown(payment_sudo)}


def _shown(payment: Any) -> dict[str, Any]:
    return request.env["fusion.billing.serialize"]._receipt(payment, request.fc_service)
