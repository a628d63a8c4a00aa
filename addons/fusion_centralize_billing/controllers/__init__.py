from . import customers, events, health, invoices, ir_http, plans, subscriptions, unknown, usage
