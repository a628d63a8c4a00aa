"""A Stripe that runs on this machine: enough of its API to prove what we do when things go wrong.

It knows the calls that Odoo's `payment_stripe` makes, and answers as API version 2019-05-16 does.
It owns: saved cards whose charges go as scripted, idempotency keys, faults before and after the
money moves, and signed webhooks. It does not own: cards typed in a browser, disputes, payouts.

>>> with StripeDouble() as stripe:
...     stripe.url.startswith("http://127.0.0.1:")
True
"""

from .server import StripeDouble

__all__ = ["StripeDouble"]
