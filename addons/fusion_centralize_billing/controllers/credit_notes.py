"""/credit_notes: what was given back of what was billed."""

from typing import Any

from odoo.fields import Domain
from odoo.http import Controller, request

from ..models.account_move_api import REASONS
from ..schemas.answers.base import Meta
from ..schemas.answers.credit_note import CreditNoteAnswer, CreditNoteEstimate
from ..schemas.base import validated
from ..schemas.credit_note import CreditNoteChangeIn, CreditNoteEstimateIn, CreditNoteIn
from ..schemas.declared import PAGES, Many, Maybe, One, choice, text
from ..schemas.query import choices
from .moves import MOVES, common_domain, own_domain, own_move
from .wire import billing_route, paginated, root

CREDIT_STATUSES = {
    "available": Domain("state", "=", "posted") & Domain("amount_residual", "!=", 0),
    "consumed": Domain("state", "=", "posted") & Domain("amount_residual", "=", 0),
    "voided": Domain("state", "=", "cancel"),
}


ANSWER = One("credit_note", CreditNoteAnswer)
REFUNDS = Domain("x_fc_refund_ids", "!=", False)
FAILED = Domain("x_fc_refund_ids.state", "in", ("error", "cancel"))
WAITING = Domain("x_fc_refund_ids.state", "in", ("draft", "pending", "authorized"))
REFUND_STATUSES = {
    "pending": WAITING & ~FAILED,
    "succeeded": REFUNDS & ~WAITING & ~FAILED,
    "failed": FAILED,
}
NOTES = (
    choice("reason", dict(REASONS), several=True),
    choice("credit_status", CREDIT_STATUSES, several=True),
    choice("refund_status", REFUND_STATUSES, several=True),
    text("invoice_number"),
    text("search_term", "Number, invoice number, name or e-mail of the customer."),
)


class CreditNotesController(Controller):
    @billing_route(
        "/credit_notes/<string:lago_id>",
        resource="credit_note",
        methods=("PUT",),
        body=One("credit_note", CreditNoteChangeIn, partial=True),
        answer=ANSWER,
    )
    def update_credit_note(self, lago_id: str) -> dict[str, Any]:
        """Change what the app keeps on a credit note.

        ``{"credit_note": {"metadata": {key: value}}}`` replaces all of it, null takes it away.
        422 ``refund_status: not_supported``: it is what the provider says.
        """
        note_sudo = own_move("credit_note", lago_id)
        values = validated(CreditNoteChangeIn, root("credit_note")).sent()
        if "metadata" in values:
            notes = request.env["fusion.billing.credit.note"]
            notes._set_metadata(note_sudo, values["metadata"] or {})
        return _answer(note_sudo)

    @billing_route(
        "/credit_notes",
        resource="credit_note",
        query=(*MOVES, *NOTES, *PAGES),
        answer=Many("credit_notes", CreditNoteAnswer, Meta),
        statuses=(422,),
    )
    def list_credit_notes(self) -> dict[str, Any]:
        """Credit notes of the service, latest first, drafts left out.

        Query: ``external_customer_id``, ``issuing_date_from``, ``issuing_date_to``,
        ``amount_from``, ``amount_to``, ``currency``, ``reason[]``, ``credit_status[]``,
        ``refund_status[]``, ``invoice_number``, ``search_term``,
        ``self_billed``, ``billing_entity_codes[]``, ``page``, ``per_page``.
        """
        return credit_note_page(Domain.TRUE)

    @billing_route("/credit_notes/<string:lago_id>", resource="credit_note", answer=ANSWER)
    def show_credit_note(self, lago_id: str) -> dict[str, Any]:
        """One credit note. 404 ``credit_note_not_found``, another service's included."""
        return _answer(own_move("credit_note", lago_id))

    @billing_route(
        "/credit_notes",
        resource="credit_note",
        methods=("POST",),
        body=One("credit_note", CreditNoteIn),
        answer=ANSWER,
        statuses=(404, 405),
    )
    def create_credit_note(self) -> dict[str, Any]:
        """Credit fees of an invoice: an `account.move` that reverses it.

        ``{"credit_note": {"invoice_id", "items": [{"fee_id", "amount_cents"}], "reason"?,
        "description"?, "credit_amount_cents" | "offset_amount_cents"}}``. 404
        ``invoice_not_found``, ``fee_not_found``; 405 ``invalid_type_or_status``; 422 with
        Lago's codes for amounts that are too high or do not match.
        """
        values = validated(CreditNoteIn, root("credit_note")).model_dump()
        invoice_sudo = own_move("invoice", values["invoice_id"])
        notes = request.env["fusion.billing.credit.note"]
        note_sudo = notes._credit(invoice_sudo, values)
        if values["metadata"]:
            notes._set_metadata(note_sudo, values["metadata"])
        return _answer(note_sudo)

    @billing_route(
        "/credit_notes/estimate",
        resource="credit_note",
        methods=("POST",),
        body=One("credit_note", CreditNoteEstimateIn),
        answer=One("estimated_credit_note", CreditNoteEstimate),
        statuses=(404, 405),
    )
    def estimate_credit_note(self) -> dict[str, Any]:
        """What crediting these items would come to. Writes nothing; errors as for creation."""
        values = validated(CreditNoteEstimateIn, root("credit_note")).model_dump()
        invoice_sudo = own_move("invoice", values["invoice_id"])
        asked = request.env["fusion.billing.credit.note"]._asked(invoice_sudo, values["items"])
        serialize = request.env["fusion.billing.serialize"]
        return {"estimated_credit_note": serialize._estimate(invoice_sudo, asked)}

    @billing_route(
        "/credit_notes/<string:lago_id>/void",
        resource="credit_note",
        methods=("PUT",),
        answer=ANSWER,
        statuses=(405,),
    )
    def void_credit_note(self, lago_id: str) -> dict[str, Any]:
        """Take back a credit nobody used. 405 ``no_voidable_amount``,
        ``invalid_type_or_status`` where part of it was used."""
        note_sudo = own_move("credit_note", lago_id)
        request.env["fusion.billing.credit.note"]._void(note_sudo)
        return _answer(note_sudo)

    @billing_route(
        "/credit_notes/<string:lago_id>/<any(download,download_pdf):_action>",
        resource="credit_note",
        methods=("POST",),
        answer=Maybe(ANSWER),
    )
    def download_credit_note(self, lago_id: str, _action: str) -> dict[str, Any] | None:
        """The credit note with ``file_url``; an empty 200 where there is no PDF to be had."""
        note_sudo = own_move("credit_note", lago_id)
        files = request.env["fusion.billing.document.file"]
        if note_sudo.state != "posted" or not files._make(note_sudo):
            return None
        return _answer(note_sudo)


def credit_note_page(domain: Domain) -> dict[str, Any]:
    """The page of the service's credit notes that the query string and `domain` ask for."""
    notes, meta = paginated(
        request.env["account.move"].sudo(),
        domain & _domain(request.httprequest.args),
        "invoice_date desc, id desc",
    )
    serialize = request.env["fusion.billing.serialize"]
    return {"credit_notes": [serialize._credit_note(note) for note in notes], "meta": meta}


def _answer(note: Any) -> dict[str, Any]:
    return {"credit_note": request.env["fusion.billing.serialize"]._credit_note(note)}


def _domain(arguments: Any) -> Domain:
    domain = own_domain("credit_note") & common_domain(arguments)
    domain &= Domain("state", "!=", "draft")
    if reasons := choices(arguments, dict(REASONS), "reason"):
        known = Domain("x_fc_credit_reason", "in", reasons)
        domain &= known | Domain("x_fc_credit_reason", "=", False) if "other" in reasons else known
    if statuses := choices(arguments, CREDIT_STATUSES, "credit_status"):
        domain &= Domain.OR(CREDIT_STATUSES[status] for status in statuses)
    if statuses := choices(arguments, REFUND_STATUSES, "refund_status"):
        domain &= Domain.OR(REFUND_STATUSES[status] for status in statuses)
    if number := arguments.get("invoice_number"):
        domain &= Domain("reversed_entry_id.name", "=", number)
    if term := (arguments.get("search_term") or "").strip():
        fields = ("name", "reversed_entry_id.name", "partner_id.name", "partner_id.email")
        domain &= Domain.OR(Domain(field, "ilike", term) for field in fields)
    return domain
