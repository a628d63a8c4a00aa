"""Habits that poison an Odoo addon and that pylint-odoo does not see."""

import ast
from collections.abc import Iterator

from .sources import Source

_BROAD = {"Exception", "BaseException"}


def date_frozen_or_naive(source: Source) -> Iterator[str]:
    """The clock is Odoo's (`fields.Datetime.now()`, `context_today`), so that tests can stop it;
    and `default=` gets the function, not the date of the day the server started."""
    for node in source.nodes(ast.Call):
        text = ast.unparse(node.func)
        if text in ("date.today", "datetime.now", "datetime.today", "datetime.utcnow", "time.time"):
            yield source.finding(node, f"{text}()")
        for keyword in node.keywords:
            if keyword.arg == "default" and isinstance(keyword.value, ast.Call):
                called = ast.unparse(keyword.value.func)
                if called.endswith((".today", ".now", ".context_today")):
                    yield source.finding(node, f"default={called}() is frozen at import")


def markup_of_an_f_string(source: Source) -> Iterator[str]:
    """`Markup(f"...{name}")` switches escaping off: write `Markup("...%s") % name`."""
    for node in source.nodes(ast.Call):
        if ast.unparse(node.func).split(".")[-1] != "Markup" or not node.args:
            continue
        made = node.args[0]
        formatted = isinstance(made, ast.Call) and ast.unparse(made.func).endswith(".format")
        if isinstance(made, (ast.JoinedStr, ast.BinOp)) or formatted:
            yield source.finding(node, "Markup of a text put together before")


def search_for_everything(source: Source) -> Iterator[str]:
    """`search([])` grows with the database: give a domain or a limit."""
    for node in source.nodes(ast.Call):
        if not isinstance(node.func, ast.Attribute) or node.func.attr != "search" or not node.args:
            continue
        limited = any(keyword.arg == "limit" for keyword in node.keywords)
        if ast.unparse(node.args[0]) in ("[]", "Domain.TRUE") and not limited:
            yield source.finding(node, "search without a domain and without a limit")


# path -> why this file may begin or end a transaction itself.
BY_HAND = {
    "addons/fusion_centralize_billing/controllers/dispatcher.py": "sets the isolation level, "
    "which PostgreSQL allows in a new transaction only",
    "addons/fusion_centralize_billing/models/rate_window.py": "counts on a cursor of its own, "
    "after a read-only one in which nothing can have been written",
}


def commit_by_hand(source: Source) -> Iterator[str]:
    """The request commits, and a cron by `ir.cron._commit_progress`."""
    for node in () if source.path in BY_HAND else source.nodes(ast.Call):
        text = ast.unparse(node.func)
        if text.endswith(("cr.commit", "cr.rollback")):
            yield source.finding(node, f"{text}()")


def raw_triplet(source: Source) -> Iterator[str]:
    """`Command.create(vals)`, not `(0, 0, vals)`."""
    for node in source.nodes(ast.Tuple):
        if len(node.elts) == 3 and _is_triplet(*node.elts):
            yield source.finding(node, f"the raw command {ast.unparse(node)[:40]}")


def swallowed_exception(source: Source) -> Iterator[str]:
    """A broad `except` either raises again or guards a savepoint: otherwise the transaction is
    poisoned, and Odoo never sees that it should retry."""
    for node in source.nodes(ast.Try):
        guarded = any(_has_savepoint(part) for part in node.body)
        for handler in node.handlers:
            if not _is_broad(handler.type) or guarded:
                continue
            if not any(isinstance(part, ast.Raise) for part in ast.walk(handler)):
                yield source.finding(handler, "a broad except that does not raise")


RULES = (
    date_frozen_or_naive,
    markup_of_an_f_string,
    search_for_everything,
    commit_by_hand,
    raw_triplet,
    swallowed_exception,
)


def _is_triplet(first: ast.expr, second: ast.expr, third: ast.expr) -> bool:
    code = first.value if isinstance(first, ast.Constant) else None
    if not isinstance(code, int) or isinstance(code, bool):
        return False
    zero = isinstance(second, ast.Constant) and second.value in (0, False)
    empty = isinstance(third, ast.Constant) and third.value in (0, False)
    if code in (0, 5, 6):
        return zero and (code != 5 or empty)
    return (code == 1 and isinstance(third, ast.Dict)) or (code in (2, 3, 4) and empty)


def _is_broad(caught: ast.expr | None) -> bool:
    names = caught.elts if isinstance(caught, ast.Tuple) else [caught]
    return any(name is None or ast.unparse(name) in _BROAD for name in names)


def _has_savepoint(part: ast.AST) -> bool:
    return any(
        "savepoint" in ast.unparse(item.context_expr)
        for node in ast.walk(part)
        if isinstance(node, ast.With)
        for item in node.items
    )
