"""Saved cards and the simulated bank behind them: it takes the money, declines, or says nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from unittest.mock import patch

import requests

from odoo import Command

from ...pipeline.gate import to_decimal
from .world import World

SEND = "odoo.addons.payment.models.payment_transaction.PaymentTransaction._send_payment_request"
# Of a hundred charges. Lost: no answer came, and no money moved either.
ANSWERS = {"done": 80, "declined": 16, "lost": 4}


def open_bank(world: World) -> None:
    """A provider with saved cards whose money arrives on a bank journal."""
    env = world.env
    method = env.ref("payment.payment_method_unknown")
    journal = env["account.journal"].search(
        [("type", "=", "bank"), ("company_id", "=", env.company.id)], limit=1
    )
    world.provider = env["payment.provider"].create(
        {
            "name": "Simulated bank",
            "code": "none",
            "state": "test",
            "allow_tokenization": True,
            "payment_method_ids": [Command.set(method.ids)],
        }
    )
    method.write({"active": True, "support_tokenization": True})
    world.provider.journal_id = journal
    journal.inbound_payment_method_line_ids[:1].copy(
        {"payment_provider_id": world.provider.id, "name": "Simulated bank"}
    )


def save_card(world: World, order) -> None:
    """A card for the subscription's invoices."""
    order.payment_token_id = world.env["payment.token"].create(
        {
            "provider_id": world.provider.id,
            "payment_method_id": world.provider.payment_method_ids.id,
            "payment_details": "4242",
            "provider_ref": f"card-{order.id}",
            "partner_id": order.partner_id.id,
        }
    )


@contextmanager
def bank(world: World) -> Iterator[None]:
    """Answer every charge made inside by a draw."""

    def send(transaction) -> None:
        answer = world.rng.choices(list(ANSWERS), ANSWERS.values())[0]
        world.count(f"card {answer}")
        if answer == "lost":
            raise requests.exceptions.Timeout
        if answer == "declined":
            transaction._set_error("Declined.")
        else:
            transaction._set_done()
            world.captured += to_decimal(transaction.amount)

    with patch(SEND, send):
        yield


def charge(world: World) -> None:
    """The day's run of the cards; a person clears an unknown outcome after a few days."""
    stuck = world.orders().filtered("payment_exception")
    for order in stuck:
        if world.rng.random() < 1 / 3:
            world.dated(order).payment_exception = False
            world.count("exception cleared")
    with bank(world):
        world.dated(world.env["sale.order"])._cron_charge_saved_cards()


PAID = """
SELECT m.name, count(t.id), m.amount_residual, m.payment_state
FROM payment_transaction t JOIN account_move m ON m.id = t.charge_invoice_id
WHERE t.charge_outcome = 'paid'
GROUP BY m.id HAVING count(t.id) != 1 OR m.amount_residual != 0
    OR m.payment_state NOT IN ('paid', 'in_payment')"""

CAPTURED = """
SELECT COALESCE(sum(t.amount), 0)::text, COALESCE(sum(p.amount), 0)::text
FROM payment_transaction t LEFT JOIN account_payment p ON p.id = t.payment_id
WHERE t.charge_outcome = 'paid' AND t.provider_id = %s"""


def check_cards(world: World) -> Iterator[str]:
    """Each invoice is charged once; what the bank took is booked and reconciled."""
    world.env.cr.execute(PAID)
    for name, count, residual, state in world.env.cr.fetchall():
        yield f"{name} was charged {count} times, {residual} are left, it is {state}"
    world.env.cr.execute(CAPTURED, (world.provider.id,))
    charged, booked = map(Decimal, world.env.cr.fetchone())
    if not world.captured == charged == booked:
        yield f"the bank took {world.captured}, charges say {charged}, payments {booked}"
