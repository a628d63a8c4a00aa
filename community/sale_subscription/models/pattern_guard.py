"""When no invoice may be written after a pattern: whose methods, and which settings, forbid it."""

import hashlib
import json

from odoo import api
from odoo.tools import SQL

# What the normal path calls for each invoice. Whoever extends one of them has a say in it.
HOOKS = {
    "account.move": (
        "_post",
        "action_post",
        "create",
        "write",
        "_get_invoice_computed_reference",
        "_compute_payment_reference",
        "_invoice_paid_hook",
    ),
    "account.move.line": ("create", "write", "_compute_totals", "_compute_name"),
    "sale.order": (
        "_prepare_invoice",
        "_create_invoices",
        "_create_account_invoices",
        "_get_invoiceable_lines",
        "_invoice_period",
        "_process_auto_invoice",
        "_process_auto_invoices",
        "_post_invoice_hook",
        "_queue_invoice_email",
        "_update_next_invoice_date",
        "_compute_invoice_status",
    ),
    "sale.order.line": (
        "_prepare_invoice_line",
        "_prepare_invoice_lines_vals_list",
        "_prepare_qty_invoiced",
        "_compute_invoice_status",
        "_compute_last_invoiced_date",
        "_compute_qty_invoiced",
        "_compute_qty_to_invoice",
        "_compute_untaxed_amount_invoiced",
        "_compute_untaxed_amount_to_invoice",
    ),
    "sale.subscription.claim": ("create", "_claim_periods"),
}
# Whose extensions of these are known to change nothing in an invoice that is written here.
KNOWN = {"account", "analytic", "mail", "sale", "sale_subscription"}
# Whose answers about dates depend on what groups orders, and may be asked once for many.
PERIODS = {
    "sale.order": (
        "_get_billing_anchor",
        "_get_full_period",
        "_get_invoicing_period",
        "_get_due_date",
        "_update_next_invoice_date",
    ),
    "sale.order.line": ("_get_invoice_line_parameters", "_prepare_invoice_line"),
}
TABLES = (
    "account_account_tag_account_move_line_rel",
    "account_move",
    "account_move_line",
    "account_move_line_account_tax_rel",
    "sale_order",
    "sale_order_line",
    "sale_order_line_invoice_rel",
    "sale_subscription_claim",
)


class Unlike(Exception):
    """These orders cannot be written after this pattern: why, in words."""


def extending_modules(records, name: str) -> set[str]:
    """Modules that define the method on this model itself; ``"a patch"`` for one patched in."""
    patched, *classes = type(records).mro()
    modules = {vars(base).get("_module") for base in classes if name in vars(base)}
    found = {module for module in modules if module}
    return found | {"a patch"} if name in vars(patched) else found


def foreign_methods(env: api.Environment, known: set[str]) -> list[str]:
    """``["stock_account: account.move._post", …]``; empty where nobody else has a say."""
    return sorted(
        f"{module}: {model}.{name}"
        for model, names in HOOKS.items()
        for name in names
        for module in extending_modules(env[model], name) - known
    )


def asks_for_each_order(env: api.Environment, known: set[str]) -> bool:
    """Whether another module's answer about a period may depend on anything of the order."""
    return any(
        extending_modules(env[model], name) - known
        for model, names in PERIODS.items()
        for name in names
    )


def fingerprint(env: api.Environment) -> str:
    """Of the installed modules with their versions, and of the columns that rows are made of."""
    modules = SQL(
        "SELECT name, latest_version FROM ir_module_module WHERE state IN"
        " ('installed', 'to upgrade', 'to remove') ORDER BY name"
    )
    columns = SQL(
        "SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod)"
        "  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
        " WHERE c.relnamespace = current_schema::regnamespace AND c.relname IN %s"
        "   AND a.attnum > 0 AND NOT a.attisdropped ORDER BY 1, 2",
        TABLES,
    )
    facts = [env.execute_query(modules), env.execute_query(columns)]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


def check_leader(move) -> None:
    """:raise Unlike: the first invoice of the shape, made the normal way, is not a plain one"""
    if move.state != "posted" or move.auto_post != "no" or move.date != move.invoice_date:
        raise Unlike("it is not posted on its own day")
    if move.journal_id.restrict_mode_hash_table or move.inalterable_hash:
        raise Unlike("its journal is secured by a hash")
    if move.company_id._get_violated_lock_dates(move.date, True, move.journal_id):
        raise Unlike("its day is locked")
    if move.payment_state != "not_paid" or move.currency_id != move.company_id.currency_id:
        raise Unlike("it is paid, or in a foreign currency")
    if move.next_charge_date or move.transaction_ids:
        raise Unlike("a saved card is charged for it")
