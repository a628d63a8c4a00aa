"""The webhook types an endpoint may ask for: Lago's, sent by us or not yet, and our own."""

_BY_SUBJECT = {
    "alert": "triggered",
    "billable_metric": "created updated deleted",
    "command": "unconfirmed",
    "credit_note": "created generated refund_failure",
    "customer": (
        "created updated checkout_url_generated payment_provider_created payment_provider_error "
        "accounting_provider_created accounting_provider_error crm_provider_created "
        "crm_provider_error tax_provider_error vies_check"
    ),
    "dunning_campaign": "finished",
    "event": "error",
    "events": "errors",
    "feature": "created updated deleted",
    "fee": "created tax_provider_error",
    "integration": "provider_error",
    "invoice": (
        "created drafted ready_to_finalize generated one_off_created paid_credit_added voided "
        "deleted payment_status_updated payment_overdue payment_failure payment_dispute_lost "
        "resynced add_on_added"
    ),
    "order": "created executed",
    "order_form": "created signed expired voided",
    "payment": "succeeded requires_action",
    "payment_provider": "error",
    "payment_receipt": "created generated",
    "payment_request": "created payment_status_updated payment_failure",
    "period": "held",
    "plan": "created updated deleted",
    "quote": "created approved voided",
    "service": "command",
    "subscription": (
        "started updated terminated canceled incomplete termination_alert trial_ended "
        "usage_threshold_reached service_state_changed cut_over cut_over_rolled_back"
    ),
    "usage": "parked",
    "wallet": "created updated terminated depleted_ongoing_balance",
    "wallet_transaction": "created updated payment_failure",
}
WEBHOOK_TYPES: frozenset[str] = frozenset(
    f"{subject}.{verb}" for subject, verbs in _BY_SUBJECT.items() for verb in verbs.split()
)
