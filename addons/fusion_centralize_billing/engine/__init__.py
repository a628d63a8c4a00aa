"""The billing engine: values in, values out. No Odoo, no I/O, no clock. See README.md."""

from . import dunning
from .aggregation import Metric, aggregate, round_quantity
from .base_fee import (
    BaseFee,
    after_trial,
    base_fee,
    period_due,
    replay_base_fee,
    since,
    split_at,
    trial_end,
    until,
)
from .charge import Charge
from .commitment import commitment
from .credit import NOTHING, Billed, Credit, credit, credit_agrees
from .draft import Adjustment, billed_after, difference
from .errors import BillingError, Conflict, Invalid, NotAllowed, NotFound, Unauthorized
from .explain import describe, explain
from .filters import ALL_VALUES, Bucket, ChargeFilter
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
from .plan_change import PlanChange, PlanValue, plan_change, yearly
from .pricing import (
    PRICERS,
    Dynamic,
    Graduated,
    GraduatedPercentage,
    Package,
    Percentage,
    Quota,
    RateTier,
    Standard,
    Tier,
    Volume,
)
from .projection import project
from .proration import prorate, ratio
from .rate import agrees, rate, replay
from .rate_charge import Reshape, rate_charge
from .rated import RatedLine
from .reconcile import BilledInvoice, BilledLine, Finding, Pair
from .reconcile_rules import reconcile
from .rerate import Known, rerate
from .rollup import Rollup, split_of, split_values
from .usage import Usage, run_length
from .usage_item import Disposition, IngestItem
from .window import Window

__all__ = [
    "ALL_VALUES",
    "D",
    "NOTHING",
    "PRICERS",
    "Adjustment",
    "BaseFee",
    "Billed",
    "BilledInvoice",
    "BilledLine",
    "BillingError",
    "Bucket",
    "Charge",
    "ChargeFilter",
    "Conflict",
    "Credit",
    "Disposition",
    "Dynamic",
    "Finding",
    "Graduated",
    "GraduatedPercentage",
    "IngestItem",
    "Invalid",
    "Known",
    "Metric",
    "NotAllowed",
    "NotFound",
    "Package",
    "Pair",
    "Percentage",
    "Period",
    "PlanChange",
    "PlanValue",
    "Quota",
    "RateTier",
    "RatedLine",
    "Reshape",
    "Rollup",
    "Standard",
    "Tier",
    "Unauthorized",
    "Usage",
    "Volume",
    "Window",
    "after_trial",
    "aggregate",
    "agrees",
    "allocate",
    "base_fee",
    "billed_after",
    "boundary",
    "calendar_boundary",
    "calendar_period",
    "commitment",
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
    "period_due",
    "period_ending_at",
    "plain",
    "plan_change",
    "project",
    "prorate",
    "rate",
    "rate_charge",
    "ratio",
    "reconcile",
    "replay",
    "replay_base_fee",
    "rerate",
    "round_money",
    "round_quantity",
    "run_length",
    "since",
    "split_at",
    "split_of",
    "split_values",
    "to_cents",
    "trial_end",
    "until",
    "yearly",
]
