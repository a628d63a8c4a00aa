"""Subscriptions."""

from typing import Literal

from .base import AnswerModel, Cents, Currency, Day, Empty, Id, Instant, Millisecond, Never
from .plan import PlanAnswer


class PaymentMethodAnswer(AnswerModel):
    """Which saved card: the customer's, there is no other choice."""

    payment_method_id: Never
    payment_method_type: Never


class SubscriptionBrief(AnswerModel):
    """A subscription as lists have it."""

    lago_id: Id
    external_id: str | None
    lago_customer_id: Id | None
    external_customer_id: str | None
    name: str | None
    plan_code: str | None
    plan_amount_cents: Cents
    plan_amount_currency: Currency
    billing_time: Literal["calendar", "anniversary"]
    status: Literal["pending", "active", "terminated", "canceled"]
    subscription_at: Instant | None
    started_at: Millisecond | None
    activated_at: Instant | None
    trial_ended_at: Instant | None
    ending_at: Instant | None
    terminated_at: Instant | None
    canceled_at: Instant | None
    created_at: Instant
    current_billing_period_started_at: Instant | None
    current_billing_period_ending_at: Instant | None
    previous_plan_code: str | None
    next_plan_code: str | None
    downgrade_plan_date: Day | None
    service_state: Literal["active", "past_due", "suspended", "terminated"]
    confirmed_service_state: Literal["active", "suspended", "terminated"] | None
    service_state_confirmed_at: Instant | None
    on_termination_credit_note: Literal["credit", "offset", "refund", "skip"] | None
    on_termination_invoice: Literal["generate"]
    progressive_billing_disabled: Literal[False]
    consolidate_invoice: Never
    purchase_order_number: Never
    billing_entity_code: str
    cancellation_reason: Never
    payment_method: PaymentMethodAnswer
    activation_rules: Empty
    entitlements: Empty
    applicable_usage_thresholds: Empty
    applied_invoice_custom_sections: Empty


class SubscriptionAnswer(SubscriptionBrief):
    """A subscription with its plan."""

    plan: PlanAnswer
