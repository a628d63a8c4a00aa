"""/app_invoices: what an app billed by itself, told for the dual run. Not in Lago."""

from typing import Any

from odoo.fields import Domain
from odoo.http import Controller, request

from ..engine.errors import Invalid
from ..schemas.answers.app_invoice import AppInvoiceAnswer, RecordedAppInvoice
from ..schemas.answers.base import Meta
from ..schemas.app_invoice import AppInvoiceIn, AppInvoicesIn
from ..schemas.base import InvalidBody, validated
from ..schemas.declared import PAGES, Flat, Many, date, text
from ..schemas.query import day
from ..schemas.usage import validated_list
from .errors import BadRequest
from .wire import billing_route, paginated, root

ONE, SEVERAL = "app_invoice", "app_invoices"
FILTERS = (
    text("external_subscription_id", "Of one subscription."),
    date("period_from", "Periods that begin on that day or later."),
    date("period_to", "Periods that end on that day or earlier; the end is exclusive."),
)


class AppInvoicesController(Controller):
    @billing_route(
        "/app_invoices",
        resource=ONE,
        methods=("POST",),
        body=Flat(AppInvoicesIn),
        answer=Many(SEVERAL, RecordedAppInvoice),
    )
    def record_app_invoices(self) -> dict[str, Any]:
        """Tell what the app billed by itself: one invoice, or 1 to ``batch_limit``, all or none.

        ``{"app_invoice": {…}}`` or ``{"app_invoices": [{…}]}`` → 200 ``{"app_invoices": [{…,
        "outcome"}]}`` in the same order. It books nothing. The same again changes nothing, other
        content under a known ``external_invoice_id`` replaces it, and what is of a period that was
        signed off stays. Numbers are exact, as text or as numbers, in major units; ``period_end``
        is exclusive. 422 names every wrong field, of a batch by index.
        """
        items = _sent()
        stage = request.env["fusion.billing.app.record"]
        try:
            told = stage._record(request.fc_service, [item.model_dump() for item in items])
        except Invalid as error:
            raise InvalidBody(_nested(error)) from error
        return {
            SEVERAL: [
                {**_answer(item, invoice_id), "outcome": outcome}
                for item, invoice_id, outcome in zip(
                    items, told["ids"], told["outcomes"], strict=True
                )
            ]
        }

    @billing_route(
        "/app_invoices",
        resource=ONE,
        query=(*FILTERS, *PAGES),
        answer=Many(SEVERAL, AppInvoiceAnswer, Meta),
    )
    def list_app_invoices(self) -> dict[str, Any]:
        """What the app billed by itself, latest period first.

        Query: ``external_subscription_id``, ``period_from`` and ``period_to`` (periods that lie
        between these days), ``page``, ``per_page``.
        """
        arguments = request.httprequest.args
        domain = Domain("service_id", "=", request.fc_service.id)
        if external_id := arguments.get("external_subscription_id"):
            domain &= Domain("external_subscription_id", "=", external_id)
        if first := day(arguments, "period_from"):
            domain &= Domain("period_start", ">=", first)
        if last := day(arguments, "period_to"):
            domain &= Domain("period_end", "<=", last)
        invoices_sudo = request.env["fusion.billing.app.invoice"].sudo()
        found, meta = paginated(invoices_sudo, domain, "period_start desc, id desc")
        serialize = request.env["fusion.billing.serialize"]
        return {SEVERAL: [serialize._app_invoice(each) for each in found], "meta": meta}


def _sent() -> list[AppInvoiceIn]:
    body = request.fc_body
    if isinstance(body, dict) and body.get(ONE):
        return [validated(AppInvoiceIn, root(ONE))]
    if not isinstance(body, dict) or body.get(SEVERAL) is None:
        raise BadRequest.missing(ONE)
    return validated_list(AppInvoiceIn, SEVERAL, body[SEVERAL], request.fc_service.batch_limit)


def _answer(item: AppInvoiceIn, invoice_id: int | bool) -> dict[str, Any]:
    """As it is recorded; what came for a period that is signed off, as it was sent."""
    serialize = request.env["fusion.billing.serialize"]
    if not invoice_id:
        return serialize._app_invoice_sent(item.model_dump())
    return serialize._app_invoice(
        request.env["fusion.billing.app.invoice"].sudo().browse(invoice_id)
    )


def _nested(error: Invalid) -> dict[str, Any]:
    """``0.lines.1.amount`` as a tree; of a single invoice without its index."""
    tree: dict[str, Any] = {}
    for path, codes in error.details.items():
        *above, last = path.split(".")
        node = tree
        for step in above:
            node = node.setdefault(step, {})
        node[last] = list(codes)
    return tree["0"] if request.fc_body.get(ONE) else tree
