"""Lago's ``lago_id`` without a column: a UUID that is the record's kind and id, reversibly.

UUID version 8 (RFC 9562, for own layouts): 48 bits say "ours", 12 bits the kind, 62 bits the id.
It is an address, not a secret: every read still passes the record rules of the caller's key.
"""

from uuid import UUID

from .errors import Invalid, NotFound

# First 48 bits of sha256("fusion_centralize_billing").
NAMESPACE = 0x1321C55ADA3A
_ID_BITS = 62
_VARIANT = 0b10

# Numbers are for ever: an id an app has stored must keep its meaning. Only append.
KINDS: dict[str, int] = {
    "customer": 1,
    "partner": 2,
    "subscription": 3,
    "plan": 4,
    "metric": 5,
    "charge": 6,
    "invoice": 7,
    "fee": 8,
    "event": 9,
    "service": 10,
    "webhook": 11,
    "tax": 12,
    "credit_note": 13,
    "payment": 14,
    "webhook_endpoint": 15,
    "charge_filter": 16,
    "payment_method": 17,
    "payment_receipt": 18,
}
_NAMES = {number: kind for kind, number in KINDS.items()}


def encode(kind: str, record_id: int) -> str:
    """The UUID of a record.

    >>> encode("invoice", 42)
    '1321c55a-da3a-8007-8000-00000000002a'
    """
    if not 0 < record_id < 1 << _ID_BITS:
        raise ValueError(f"not a record id: {record_id!r}")
    bits = NAMESPACE << 80 | 8 << 76 | KINDS[kind] << 64 | _VARIANT << _ID_BITS | record_id
    return str(UUID(int=bits))


def decode(identifier: str) -> tuple[str, int]:
    """Kind and id of one of our UUIDs, in its canonical spelling.

    :raise Invalid: anything else.

    >>> decode("1321c55a-da3a-8007-8000-00000000002a")
    ('invoice', 42)
    """
    try:
        bits = UUID(identifier).int
        kind = _NAMES[bits >> 64 & 0xFFF]
        record_id = bits & (1 << _ID_BITS) - 1
        ours = encode(kind, record_id) == identifier.lower()
    except (AttributeError, KeyError, TypeError, ValueError):
        ours = False
    if not ours:
        raise Invalid.field("lago_id", "value_is_invalid")
    return kind, record_id


def decode_as(kind: str, identifier: str) -> int:
    """The record id, if the UUID is ours and of that kind.

    :raise NotFound: otherwise, as a stranger's id deserves: ``invoice_not_found``.

    >>> decode_as("invoice", encode("invoice", 7))
    7
    """
    try:
        found, record_id = decode(identifier)
    except Invalid:
        raise NotFound(kind) from None
    if found != kind:
        raise NotFound(kind)
    return record_id
