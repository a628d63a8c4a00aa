"""The filters of GET /fees, each as a domain of invoice lines."""

from datetime import datetime
from typing import Any

from odoo.fields import Domain
from odoo.http import request
from odoo.tools import SQL

from ..engine.errors import Invalid
from ..pipeline.statuses import SETTLED
from ..schemas.base import validated
from ..schemas.declared import choice, instant, text
from ..schemas.fee import FeeBounds
from ..schemas.query import choices

TYPES = ("charge", "add_on", "subscription", "credit", "commitment", "fixed_charge")
PAYMENT_STATUSES = ("pending", "succeeded", "failed", "refunded")
# Odoo keeps no date of these on a line, and neither do we: a bound on them matches nothing.
UNDATED = ("succeeded_at", "failed_at", "refunded_at")
DATED = ("created_at", *UNDATED)
FEES = (
    text("external_customer_id"),
    text("external_subscription_id"),
    text("currency"),
    choice("fee_type", TYPES, several=True),
    text("billable_metric_code"),
    choice("payment_status", PAYMENT_STATUSES, several=True),
    text("event_transaction_id", "Of fees paid in advance, which there are none of."),
    *(instant(f"{name}_{side}") for name in DATED for side in ("from", "to")),
)


def own_fees() -> Domain:
    """Lines of invoices of the key's service."""
    return (
        Domain("move_id.x_fc_service_id", "=", request.fc_service.id)
        & Domain("move_id.move_type", "=", "out_invoice")
        & Domain("display_type", "=", "product")
    )


def fee_domain(arguments: Any) -> Domain:
    """All filters together."""
    domain = own_fees() & _by_type(arguments) & _by_payment(arguments) & _by_date(arguments)
    for argument, field in (
        ("external_customer_id", "subscription_id.x_fc_link_id.external_id"),
        ("external_subscription_id", "subscription_id.x_fc_external_id"),
        ("currency", "currency_id.name"),
    ):
        if value := arguments.get(argument):
            domain &= Domain(field, "=", value)
    if code := arguments.get("billable_metric_code"):
        # The trace holds the codes a line was rated with.
        ids = SQL(
            "(SELECT id FROM account_move_line"
            " WHERE x_fc_trace -> 'charge' ->> 'metric_code' = %s)",
            code,
        )
        domain &= Domain("id", "in", ids)
    if arguments.get("event_transaction_id"):
        domain &= Domain.FALSE
    return domain


def _by_type(arguments: Any) -> Domain:
    commitment = Domain(
        "id",
        "in",
        SQL("(SELECT id FROM account_move_line WHERE x_fc_trace ->> 'kind' = 'commitment')"),
    )
    rated = Domain("x_fc_line_key", "!=", False)
    parts = {
        "charge": rated & ~commitment,
        "commitment": commitment,
        "subscription": ~rated,
    }
    types = choices(arguments, TYPES, "fee_type", "fee_types")
    return Domain.OR(parts.get(kind, Domain.FALSE) for kind in types) if types else Domain.TRUE


def _by_payment(arguments: Any) -> Domain:
    voided = Domain("move_id.x_fc_voided_at", "!=", False)
    unpaid = voided & Domain("move_id.payment_state", "=", "reversed")
    succeeded = Domain("move_id.payment_state", "in", SETTLED) & ~unpaid
    failed = ~succeeded & Domain("move_id.x_fc_payment_failed", "=", True)
    parts = {"succeeded": succeeded, "failed": failed, "pending": ~succeeded & ~failed}
    statuses = choices(arguments, PAYMENT_STATUSES, "payment_status", "payment_statuses")
    if not statuses:
        return Domain.TRUE
    return Domain.OR(parts.get(status, Domain.FALSE) for status in statuses)


def _by_date(arguments: Any) -> Domain:
    domain = Domain.TRUE
    for side, operator in (("from", ">="), ("to", "<=")):
        if bound := _instant(arguments.get(f"created_at_{side}")):
            domain &= Domain("create_date", operator, bound)
        if any(arguments.get(f"{name}_{side}") for name in UNDATED):
            domain &= Domain.FALSE
    return domain


def _instant(text: str | None) -> datetime | None:
    """What cannot be read is ignored, as on other lists."""
    try:
        return validated(FeeBounds, {"at": text}).at
    except Invalid:
        return None
