"""POST and PUT /billable_metrics: Lago's metric."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from .base import NewId, Required, Text, WireModel, refuse

MAX_TEXT = 10_000
CARRIED = ("sum_agg", "unique_count_agg", "weighted_sum_agg")


def _long(value: str | None) -> str | None:
    if value is not None and len(value) > MAX_TEXT:
        raise refuse("value_is_too_long")
    return value


def _nothing(value: Any) -> None:
    """What is not served is refused: ignored, it would count something else than was asked."""
    if value:
        raise refuse("not_supported")


LongText = Annotated[str | None, AfterValidator(_long)]
"""A text of any sensible length; null clears it."""

Unserved = Annotated[Any, AfterValidator(_nothing)]
"""A key of Lago's that may be sent empty, and is refused with something in it."""


class MetricFilter(WireModel):
    """One event property whose values charges may tell apart."""

    key: Required
    values: Annotated[list[Required], Field(min_length=1)]


class MetricIn(WireModel):
    """The body under ``billable_metric``; an update is checked as what it makes of the metric."""

    name: Required
    code: NewId
    description: LongText = None
    aggregation_type: Literal[
        "count_agg", "sum_agg", "max_agg", "latest_agg", "unique_count_agg", "weighted_sum_agg"
    ]
    field_name: Text = None
    recurring: bool | None = None
    weighted_interval: Literal["seconds"] | None = None
    expression: Unserved = None
    rounding_function: Literal["round", "ceil", "floor"] | None = None
    rounding_precision: Annotated[int, Field(ge=-15, le=15)] | None = None
    filters: list[MetricFilter] | None = None

    def misfits(self) -> dict[str, list[str]]:
        """Fields that are fine alone and wrong together, with their codes."""
        wrong = {}
        if not self.field_name and self.aggregation_type != "count_agg":
            wrong["field_name"] = ["value_is_mandatory"]
        if self.recurring and self.aggregation_type not in CARRIED:
            wrong["recurring"] = ["not_compatible_with_aggregation_type"]
        return wrong
