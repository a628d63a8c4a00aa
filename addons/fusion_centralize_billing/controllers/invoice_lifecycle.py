"""DELETE /invoices/{id}, lose_dispute and retry."""

from typing import Any

from odoo.http import Controller, request

from ..engine.errors import NotAllowed
from ..schemas.answers.invoice import InvoiceAnswer
from ..schemas.declared import One
from .moves import own_move
from .wire import billing_route

ANSWER = One("invoice", InvoiceAnswer)


class InvoiceLifecycleController(Controller):
    @billing_route(
        "/invoices/<string:lago_id>",
        resource="invoice",
        methods=("DELETE",),
        answer=ANSWER,
        statuses=(405,),
    )
    def delete_invoice(self, lago_id: str) -> dict[str, Any]:
        """Delete a draft: its usage is billed by the next run. 405 ``invalid_status`` for anything
        else, ``not_deletable`` where its number would leave a gap in the book."""
        invoice_sudo = own_move("invoice", lago_id)
        return {"invoice": request.env["fusion.billing.invoice.actions"]._delete(invoice_sudo)}

    @billing_route(
        "/invoices/<string:lago_id>/lose_dispute",
        resource="invoice",
        methods=("POST", "PUT"),
        answer=ANSWER,
        statuses=(405,),
    )
    def lose_dispute(self, lago_id: str) -> dict[str, Any]:
        """Say that a dispute over an invoice was lost: its card is not charged again and it is
        not overdue. Lago's clients disagree about the verb. 405 ``not_disputable`` unless
        finalized."""
        invoice_sudo = own_move("invoice", lago_id)
        request.env["fusion.billing.invoice.actions"]._lose_dispute(invoice_sudo)
        serialize = request.env["fusion.billing.serialize"]
        return {"invoice": serialize._invoice(invoice_sudo, full=True)}

    @billing_route(
        "/invoices/<string:lago_id>/retry",
        resource="invoice",
        methods=("POST",),
        answer=ANSWER,
        statuses=(405,),
    )
    def retry_invoice(self, lago_id: str) -> None:
        """Finish an invoice that failed to be made: 405 ``invalid_status``, as none here is left
        half made: a run that cannot bill a subscription says so and bills it next time."""
        own_move("invoice", lago_id)
        raise NotAllowed("invalid_status")
