"""Billable metrics."""

from typing import Literal

from .base import AnswerModel, Id, Instant, Never

Aggregation = Literal[
    "count_agg", "sum_agg", "max_agg", "latest_agg", "unique_count_agg", "weighted_sum_agg"
]


class MetricFilterAnswer(AnswerModel):
    """An event property whose values charges may tell apart."""

    key: str
    values: list[str]


class MetricAnswer(AnswerModel):
    """What an app counts."""

    lago_id: Id
    name: str
    code: str
    description: str | None
    aggregation_type: Aggregation
    field_name: str | None
    recurring: bool
    weighted_interval: Literal["seconds"] | None
    expression: Never
    rounding_function: Literal["round", "ceil", "floor"] | None
    rounding_precision: int | None
    filters: list[MetricFilterAnswer]
    created_at: Instant


class PresentMetric(AnswerModel):
    """What usage says of its metric."""

    lago_id: Id
    name: str
    code: str
    aggregation_type: Aggregation
