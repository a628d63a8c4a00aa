"""A Stripe that runs on this machine: enough of its API to prove what we do when things go wrong.

It knows the calls that Odoo's `payment_stripe` makes, and answers as API version 2019-05-16 does.
It owns: cards typed in a browser and cards whose charges go as scripted, idempotency keys, faults
before and after the money moves, signed webhooks, and a page to see and steer all that. It does
not own: disputes, payouts, Stripe's own invoices and subscriptions. See `docs/stripe-double.md`.

>>> with StripeDouble() as stripe:
...     stripe.url.startswith("http://127.0.0.1:")
True
"""

from .double import StripeDouble

__all__ = ["StripeDouble"]
