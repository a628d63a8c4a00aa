"""Every request that pushes usage leaves a row that says what became of it."""

from collections.abc import Iterable

from odoo.http import Response, request

from .dispatcher import json_response
from .errors import error_response


def log_push(kind: str, ids: Iterable[str], statuses: Iterable[str]) -> None:
    """Log this request. ``ids`` and ``statuses`` are those of its items, in the order sent."""
    outcomes = list(zip(ids, statuses, strict=True))
    pushes = request.env["fusion.billing.usage.push"]
    pushes._record(request.fc_service, kind, outcomes, request.fc_api_key)


def refusal(error: Exception) -> Response:
    """The answer that raising would give, without undoing the log: the stage wrote nothing."""
    status, body = error_response(error)
    return json_response(body, status)
