"""The one table between an error and what Lago answers for it.

Odoo's own errors are in it because the ORM raises them; ``psycopg2`` errors are not, because
Odoo's retry loop must see those first. What is left over is a 500 without any internals.
"""

import logging
from http import HTTPStatus
from typing import Any

from werkzeug.exceptions import HTTPException

from odoo.exceptions import AccessError, MissingError, UserError

from ..engine.errors import BillingError, Invalid, NotAllowed, NotFound, Unauthorized


class BadRequest(BillingError):
    """400: the body is not JSON, or lacks its root key. The caller must fix the request."""

    @classmethod
    def missing(cls, root: str) -> "BadRequest":
        """Lago's sentence for a body without its root key."""
        return cls(f"param is missing or the value is empty or invalid: {root}")


SPOKEN = {"url": "URL", "body": "body"}


class KeyExposed(BadRequest):
    """400: an API key stands where it is read by others. ``place``: ``url`` or ``body``."""

    def __init__(self, place: str) -> None:
        super().__init__(
            f"an API key belongs in the Authorization header, not in the {SPOKEN[place]}: "
            "what is there is read and logged by others, so rotate and revoke this key"
        )


class TooManyRequests(BillingError):
    """429: the key has had its requests of this window. The headers say when the next begins."""


class Forbidden(BillingError):
    """403: the key is good but may not do this, or Lago sells it under a licence."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def error_response(error: Exception) -> tuple[int, dict[str, Any]]:
    """``(HTTP status, JSON body)`` of any exception."""
    for kind, build in TABLE:
        if isinstance(error, kind):
            return build(error)
    return _body(HTTPStatus.INTERNAL_SERVER_ERROR, "Internal Server Error")


def log_level(error: Exception) -> int | None:
    """How loud an answered error is in the log; None leaves it to Odoo (a traceback)."""
    if isinstance(error, BillingError):
        return logging.INFO
    return None


def _body(status: HTTPStatus, words: str, code: str | None = None, **more: Any):
    body: dict[str, Any] = {"status": status.value, "error": words}
    if code:
        body["code"] = code
    return status.value, body | more


def _invalid(details: dict[str, Any]):
    return _body(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "Unprocessable Entity",
        "validation_errors",
        error_details=details,
    )


def _http(error: HTTPException):
    status = HTTPStatus(error.code or HTTPStatus.INTERNAL_SERVER_ERROR)
    return _body(status, status.phrase)


TABLE = (
    (BadRequest, lambda e: _body(HTTPStatus.BAD_REQUEST, f"BadRequest: {e}")),
    (Unauthorized, lambda e: _body(HTTPStatus.UNAUTHORIZED, "Unauthorized")),
    (Forbidden, lambda e: _body(HTTPStatus.FORBIDDEN, "Forbidden", e.code)),
    (
        TooManyRequests,
        lambda e: _body(HTTPStatus.TOO_MANY_REQUESTS, "Too Many Requests", "too_many_requests"),
    ),
    (NotFound, lambda e: _body(HTTPStatus.NOT_FOUND, "Not Found", f"{e.resource}_not_found")),
    (NotAllowed, lambda e: _body(HTTPStatus.METHOD_NOT_ALLOWED, "Method Not Allowed", e.code)),
    (Invalid, lambda e: _invalid(e.details)),  # and Conflict
    (MissingError, lambda e: _body(HTTPStatus.NOT_FOUND, "Not Found", "resource_not_found")),
    (AccessError, lambda e: _body(HTTPStatus.FORBIDDEN, "Forbidden", "action_not_allowed")),
    (UserError, lambda e: _invalid({"base": ["value_is_invalid"]})),
    (HTTPException, _http),
)
