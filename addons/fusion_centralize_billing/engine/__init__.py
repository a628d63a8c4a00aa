"""The billing engine: values in, values out. No Odoo, no I/O, no clock. See README.md."""

from .aggregation import Metric, Rollup, Usage, aggregate, round_quantity
from .charge import Charge
from .credit import NOTHING, Billed, Credit, credit, credit_agrees
from .draft import Adjustment, billed_after, difference
from .errors import BillingError, Conflict, Invalid, NotAllowed, NotFound, Unauthorized
from .explain import describe, explain
from .identifier import decode, decode_as, encode
from .money import D, allocate, from_cents, plain, round_money, to_cents
from .period import (
    Period,
    boundary,
    calendar_boundary,
    calendar_period,
    period_containing,
    period_ending_at,
)
from .pricing import PRICERS, Graduated, Quota, Standard, Tier
from .proration import prorate, ratio
from .rate import RatedLine, agrees, rate, replay
from .usage_item import Disposition, IngestItem

__all__ = [
    "NOTHING",
    "PRICERS",
    "Adjustment",
    "Billed",
    "BillingError",
    "Charge",
    "Conflict",
    "Credit",
    "D",
    "Disposition",
    "Graduated",
    "IngestItem",
    "Invalid",
    "Metric",
    "NotAllowed",
    "NotFound",
    "Period",
    "Quota",
    "RatedLine",
    "Rollup",
    "Standard",
    "Tier",
    "Unauthorized",
    "Usage",
    "aggregate",
    "agrees",
    "allocate",
    "billed_after",
    "boundary",
    "calendar_boundary",
    "calendar_period",
    "credit",
    "credit_agrees",
    "decode",
    "decode_as",
    "describe",
    "difference",
    "encode",
    "explain",
    "from_cents",
    "period_containing",
    "period_ending_at",
    "plain",
    "prorate",
    "rate",
    "ratio",
    "replay",
    "round_money",
    "round_quantity",
    "to_cents",
]
