"""What invoices, fees, credit notes and payments ask of the ledger alike."""

from typing import Any

from odoo import models
from odoo.fields import Domain
from odoo.http import request

from ..engine.errors import NotFound
from ..engine.identifier import decode_as
from ..schemas.declared import date, text, whole
from ..schemas.declared import flag as yes_or_no
from ..schemas.query import day, flag, several

KINDS = {"invoice": "out_invoice", "credit_note": "out_refund"}
MOVES = (
    text("external_customer_id"),
    text("currency", several=True),
    date("issuing_date_from"),
    date("issuing_date_to"),
    whole("amount_from", "In cents."),
    whole("amount_to", "In cents."),
    text("billing_entity_codes", "The service's own code, or nothing is found.", several=True),
    yes_or_no("self_billed", "True matches nothing."),
)


def own_domain(kind: str) -> Domain:
    """Documents of this kind that belong to the key's service."""
    return Domain("x_fc_service_id", "=", request.fc_service.id) & Domain(
        "move_type", "=", KINDS[kind]
    )


def own_move(kind: str, lago_id: str) -> models.BaseModel:
    """The service's document (sudo) with that id, or 404 ``<kind>_not_found``."""
    wanted = own_domain(kind) & Domain("id", "=", decode_as(kind, lago_id))
    move_sudo = request.env["account.move"].sudo().search(wanted, limit=1)
    if not move_sudo:
        raise NotFound(kind)
    return move_sudo


def customer_domain(external_id: str) -> Domain:
    """Documents of one of the app's customers."""
    return Domain("invoice_line_ids.subscription_id.x_fc_link_id.external_id", "=", external_id)


def common_domain(arguments: Any) -> Domain:
    """Filters that invoices and credit notes share; what is unknown matches nothing.

    ``external_customer_id``, ``currency``, ``issuing_date_from``, ``issuing_date_to``,
    ``amount_from``, ``amount_to`` (cents), ``billing_entity_codes[]``, ``self_billed``.
    """
    domain = Domain.TRUE
    if external_id := arguments.get("external_customer_id"):
        domain &= customer_domain(external_id)
    if currencies := several(arguments, "currency"):
        domain &= Domain("currency_id.name", "in", currencies)
    for argument, operator in (("issuing_date_from", ">="), ("issuing_date_to", "<=")):
        if bound := day(arguments, argument):
            domain &= Domain("invoice_date", operator, bound)
    if codes := several(arguments, "billing_entity_codes"):
        domain &= Domain("x_fc_service_id.code", "in", codes)
    if flag(arguments, "self_billed", default=False):
        domain &= Domain.FALSE
    return domain & _amounts(arguments)


def _amounts(arguments: Any) -> Domain:
    """Bounds in cents, each currency's own: what is no whole number is ignored."""
    domain = Domain.TRUE
    currencies_sudo = request.env["res.currency"].sudo().search([("active", "=", True)])
    for argument, operator in (("amount_from", ">="), ("amount_to", "<=")):
        text = arguments.get(argument) or ""
        if text.isascii() and text.isdigit() and len(text) <= 15:
            domain &= Domain.OR(
                Domain("currency_id", "=", currency.id)
                & Domain("amount_total", operator, int(text) / 10**currency.decimal_places)
                for currency in currencies_sudo
            )
    return domain
