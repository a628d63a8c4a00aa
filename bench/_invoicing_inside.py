"""Run in an Odoo shell by `invoicing.py`: interleaved rounds of each way, results as JSON."""

import json
import os
import sys
import time
from pathlib import Path
from unittest.mock import patch

import psutil

sys.path.insert(0, os.environ["BENCH_FOLDER"])
from _books import TOTALS, Book  # noqa: E402


def contract(env, book, contracts):
    """OCA `contract`: its cron, then the invoices it left in draft are posted in one go."""
    env["contract.contract"].cron_recurring_create_invoice()
    lines = env["account.move.line"].search([("contract_line_id.contract_id", "in", contracts.ids)])
    lines.move_id.action_post()
    return lines.move_id


def subscription_oca(env, book, subscriptions):
    """OCA `subscription_oca`: its cron, then the drafts are posted in one go; nothing is mailed."""
    env["sale.subscription"].cron_subscription_management()
    subscriptions.invoice_ids.action_post()
    return subscriptions.invoice_ids


def single(env, book, partners):
    """What a script does that knows Odoo's API and no more. No subscription is kept."""
    moves = env["account.move"]
    for partner in partners:
        move = moves.create(book.invoice(partner, book.lines_now))
        move.action_post()
        moves |= move
    return moves


def stepwise(env, book, orders):
    """Our run, its invoices created by Odoo from their product lines and posted one by one."""
    left_to_odoo = patch.object(
        type(orders), "_complete_invoices", lambda self, vals_list: ({}, dict(enumerate(vals_list)))
    )
    with left_to_odoo:
        return ours(env, book, orders)


def ours(env, book, orders):
    """The recurring run of `sale_subscription`."""
    normal = orders.with_context(pattern_posting=False)
    return normal._create_recurring_invoice(batch_size=int(os.environ["BENCH_BATCH"]))


def pattern(env, book, orders):
    """The same run with pattern posting switched on."""
    return orders._create_recurring_invoice()


def prove(env, book):
    """Switch pattern posting on, and have the comparison run approve the two shapes."""
    env.company.subscription_pattern_posting = True
    orders = book.orders(3, 1) | book.orders(3, 5)
    report = env["sale.subscription.pattern"]._compare_pattern_posting()
    assert report.count("Approved") == len(TOTALS), report
    orders._create_recurring_invoice()


# The way, what it bills, and how many of them: slow ways get a smaller share, and a pattern is
# worth the more the more follow it.
WAYS = (
    (contract, Book.contracts, "BENCH_COUNT"),
    (subscription_oca, Book.subscriptions, "BENCH_SLOW_COUNT"),
    (single, Book.partners, "BENCH_SLOW_COUNT"),
    (stepwise, Book.orders, "BENCH_SLOW_COUNT"),
    (ours, Book.orders, "BENCH_COUNT"),
    (pattern, Book.orders, "BENCH_PATTERN_COUNT"),
)


def check(moves, count, lines):
    """The rows are right, or the figure is worth nothing."""
    total = TOTALS[lines]
    assert len(moves) == count, f"{len(moves)} invoices of {count}"
    assert set(moves.mapped("state")) == {"posted"}
    assert {round(amount, 2) for amount in moves.mapped("amount_total")} == {total}
    numbers = sorted(moves.mapped("sequence_number"))
    assert numbers == list(range(numbers[0], numbers[0] + count)), "a gap in the numbers"
    for move in moves:
        kinds = move.line_ids.mapped("display_type")
        assert kinds.count("product") == lines, kinds
        assert kinds.count("tax") == kinds.count("payment_term") == 1, kinds
        assert not round(sum(move.line_ids.mapped("balance")), 2), "out of balance"
        assert round(move.amount_residual, 2) == total


def cpu_seconds(env) -> float:
    """What this process and its database backend have computed so far."""
    env.cr.execute("SELECT pg_backend_pid()")
    processes = psutil.Process(), psutil.Process(env.cr.fetchone()[0])
    return sum(sum(process.cpu_times()[:2]) for process in processes)


def measure(env, book, way, make, count, lines):
    """Invoices per second, and per CPU second, of one round: from reading what is due to commit."""
    due = make(book, count, lines)
    book.lines_now = lines
    env.flush_all()
    env.cr.commit()
    env.invalidate_all()
    computed, start = cpu_seconds(env), time.perf_counter()
    moves = way(env, book, env[due._name].browse(due.ids))
    env.flush_all()
    env.cr.commit()
    taken, computed = time.perf_counter() - start, cpu_seconds(env) - computed
    check(moves, count, lines)
    return round(count / taken, 2), round(count / computed, 2)


def main(env):
    """Write ``{way: {lines: [[invoices per second, per CPU second], one a round]}}``."""
    book = Book(env)
    prove(env, book)
    for way, make, _size in WAYS:  # the first of anything pays for what all others find in memory
        measure(env, book, way, make, 5, 5)
    found = {way.__name__: {lines: [] for lines in TOTALS} for way, _make, _size in WAYS}
    for _round in range(int(os.environ["BENCH_ROUNDS"])):
        for lines in TOTALS:
            for way, make, size in WAYS:
                speed = measure(env, book, way, make, int(os.environ[size]), lines)
                found[way.__name__][lines].append(speed)
    Path(os.environ["BENCH_RESULT"]).write_text(json.dumps(found, indent=1))


main(env)  # noqa: F821
