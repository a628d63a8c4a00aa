from . import (
    billable_metrics,
    customers,
    events,
    health,
    invoices,
    ir_http,
    plans,
    subscriptions,
    unknown,
    usage,
    webhook_endpoints,
    webhooks,
)
