"""The filters of GET /invoices, each as a domain."""

import json
import re
from typing import Any

from odoo.fields import Domain
from odoo.http import request
from odoo.tools import SQL

from ..pipeline.statuses import SETTLED
from ..schemas.declared import choice, pairs, text
from ..schemas.declared import flag as yes_or_no
from ..schemas.query import choices, flag
from .moves import common_domain, own_domain

STATUSES = ("draft", "finalized", "voided", "failed", "pending")
PAYMENT_STATUSES = ("pending", "succeeded", "failed")
TYPES = (
    "subscription", "add_on", "credit", "one_off", "advance_charges", "progressive_billing",
)  # fmt: skip
BOOLEANS = ("payment_overdue", "partially_paid", "payment_dispute_lost")
INVOICES = (
    choice("status", STATUSES, "failed and pending match nothing.", several=True),
    choice("payment_status", PAYMENT_STATUSES, several=True),
    choice("invoice_type", TYPES, "Others than subscription match nothing.", several=True),
    *(yes_or_no(name) for name in BOOLEANS),
    text("purchase_order_number", "Matches nothing."),
    text("search_term", "Number, name, e-mail or id of the customer."),
    pairs("metadata", "Empty: invoices without that key."),
)
METADATA = re.compile(r"metadata\[([^\]]+)\]")


def invoice_domain(arguments: Any) -> Domain:
    """All filters together; an unknown customer or currency simply matches nothing."""
    domain = own_domain("invoice") & common_domain(arguments)
    domain &= _by_status(arguments) & _by_payment(arguments) & _by_metadata(arguments)
    types = choices(arguments, TYPES, "invoice_type")
    if types and "subscription" not in types:
        domain &= Domain.FALSE
    if arguments.get("purchase_order_number"):
        domain &= Domain.FALSE
    if term := (arguments.get("search_term") or "").strip():
        fields = ("name", "partner_id.name", "partner_id.email")
        link = "invoice_line_ids.subscription_id.x_fc_link_id.external_id"
        domain &= Domain.OR(Domain(field, "ilike", term) for field in (*fields, link))
    return domain


def _by_status(arguments: Any) -> Domain:
    voided = Domain("state", "=", "cancel") | Domain("x_fc_voided_at", "!=", False)
    parts = {
        "draft": Domain("state", "=", "draft"),
        "finalized": Domain("state", "=", "posted") & Domain("x_fc_voided_at", "=", False),
        "voided": voided,
        "failed": Domain.FALSE,
        "pending": Domain.FALSE,
    }
    statuses = choices(arguments, STATUSES, "status", "statuses")
    return Domain.OR(parts[status] for status in statuses) if statuses else Domain.TRUE


def _by_payment(arguments: Any) -> Domain:
    domain = Domain.TRUE
    voided_unpaid = Domain("x_fc_voided_at", "!=", False) & Domain("payment_state", "=", "reversed")
    succeeded = Domain("payment_state", "in", SETTLED) & ~voided_unpaid
    failed = ~succeeded & Domain("x_fc_payment_failed", "=", True)
    parts = {"succeeded": succeeded, "failed": failed, "pending": ~succeeded & ~failed}
    if paid := choices(arguments, PAYMENT_STATUSES, "payment_status", "payment_statuses"):
        domain &= Domain.OR(parts[status] for status in paid)
    overdue = (
        Domain("state", "=", "posted")
        & Domain("payment_state", "not in", SETTLED)
        & Domain("invoice_date_due", "<", request.fc_service._today())
        & Domain("x_fc_dispute_lost_at", "=", False)
    )
    booleans = {
        "payment_overdue": overdue,
        "partially_paid": Domain("payment_state", "=", "partial"),
        "payment_dispute_lost": Domain("x_fc_dispute_lost_at", "!=", False),
    }
    for name, meaning in booleans.items():
        if arguments.get(name):
            domain &= meaning if flag(arguments, name, default=True) else ~meaning
    return domain


def _by_metadata(arguments: Any) -> Domain:
    """``metadata[key]=value``; an empty value asks for invoices without that key."""
    domain = Domain.TRUE
    for name, value in arguments.items(multi=True):
        if found := METADATA.fullmatch(name):
            held = [{"key": found[1], **({"value": value} if value else {})}]
            ids = SQL(
                "(SELECT id FROM account_move WHERE x_fc_metadata @> %s::jsonb)", json.dumps(held)
            )
            domain &= Domain("id", "in" if value else "not in", ids)
    return domain
