"""Errors of the billing domain. Codes are Lago's words, never prose.

BillingError
├── Unauthorized          who: the caller (wrong key)            HTTP 401
├── NotFound              who: the caller (wrong id)             HTTP 404
├── NotAllowed            who: the caller (wrong state)          HTTP 405
├── Conflict              who: the caller (same id, other body)  HTTP 422
└── Invalid               who: the caller (wrong fields)         HTTP 422

The table that maps classes to HTTP lives in the API layer; the engine knows no HTTP.
"""

from collections.abc import Mapping, Sequence


class BillingError(Exception):
    """Base of everything the billing domain refuses. `code` is stable and machine readable."""

    code = "billing_error"

    def __init__(self, code: str | None = None) -> None:
        if code is not None:
            self.code = code
        super().__init__(self.code)


class Unauthorized(BillingError):
    """The key is missing, unknown, expired or revoked: the app must get a new one."""

    code = "unauthorized"


class NotFound(BillingError):
    """The addressed record does not exist for this service.

    >>> NotFound("customer").code
    'customer_not_found'
    """

    def __init__(self, resource: str) -> None:
        self.resource = resource
        super().__init__(f"{resource}_not_found")


class NotAllowed(BillingError):
    """The record exists but its state forbids this, e.g. ``no_active_subscription``."""


class Invalid(BillingError):
    """Field errors, all of them at once: ``{field: [Lago code, …]}``.

    >>> Invalid({"unit_price": ["invalid_amount"]}).details
    {'unit_price': ['invalid_amount']}
    >>> Invalid.field("unit_price", "invalid_amount").details
    {'unit_price': ['invalid_amount']}
    """

    code = "validation_errors"

    def __init__(self, details: Mapping[str, Sequence[str]]) -> None:
        self.details: dict[str, list[str]] = {key: list(codes) for key, codes in details.items()}
        super().__init__()

    @classmethod
    def field(cls, name: str, code: str) -> "Invalid":
        """The common case: one field, one code."""
        return cls({name: [code]})

    def __str__(self) -> str:
        """Readable in a log line and in a parked order's reason.

        >>> str(Invalid({"tiers": ["invalid_graduated_ranges"]}))
        'tiers: invalid_graduated_ranges'
        """
        return "; ".join(f"{key}: {', '.join(codes)}" for key, codes in self.details.items())


class Conflict(Invalid):
    """Same id, other content. `details` name the id field (Lago: ``value_already_exist``)."""
