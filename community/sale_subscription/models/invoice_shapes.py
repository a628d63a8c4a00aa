"""Which invoices the run completes itself, and which it leaves to Odoo's own synchronisation."""

from odoo import Command, api

# Methods whose result is built here. Another module's version of one of them would be passed by.
REPLACED = {
    "account.move": (
        "_get_sync_stack",
        "_sync_tax_lines",
        "_sync_dynamic_line",
        "_compute_needed_terms",
        "_compute_invoice_currency_rate",
        "_prepare_product_base_line_for_taxes_computation",
        "_get_rounded_base_and_tax_lines",
        "_recompute_cash_rounding_lines",
    ),
    "account.move.line": (
        "_compute_account_id",
        "_compute_tax_ids",
        "_get_computed_taxes",
        "_compute_partner_id",
        "_compute_analytic_distribution",
        "_sync_invoice",
    ),
}
ODOO = {"account", "analytic"}
# Where a module could make an amount hang on the customer or on the wording of a line.
ENGINE = (
    "_add_accounting_data_to_base_line_tax_details",
    "_add_tax_details_in_base_line",
    "_eval_tax_amount_fixed_amount",
    "_eval_tax_amount_price_excluded",
    "_eval_tax_amount_price_included",
    "_get_tax_details",
    "_prepare_base_line_for_taxes_computation",
    "_prepare_base_line_grouping_key",
    "_prepare_base_line_tax_repartition_grouping_key",
    "_prepare_tax_lines",
    "_round_base_lines_tax_details",
)
SECTIONS = ("line_section", "line_subsection", "line_note")


class PlainPath(Exception):
    """This invoice has something that is left to Odoo's own synchronisation: which, in words."""


def defining_modules(records, name: str) -> set[str]:
    """Modules that define this method of the model. A method patched in is of module ``""``."""
    patched, *classes = type(records).mro()
    modules = {vars(base).get("_module") or "" for base in classes if name in vars(base)}
    return modules | {""} if name in vars(patched) else modules


def foreign_modules(env: api.Environment) -> list[str]:
    """Modules other than Odoo's accounting that have a say in what is built here."""
    modules = {
        module
        for model, names in REPLACED.items()
        for name in names
        for module in defining_modules(env[model], name)
    }
    return sorted(modules - ODOO)


def is_odoos_engine(env: api.Environment) -> bool:
    """Whether equal lines have equal taxes, whoever the customer is."""
    return all(defining_modules(env["account.tax"], name) <= ODOO for name in ENGINE)


def check_invoice(values: dict) -> None:
    """:raise PlainPath: the values of the invoice hold something unusual"""
    if values["move_type"] != "out_invoice":
        raise PlainPath("it is not a customer invoice")
    if values.get("line_ids") or values.get("invoice_cash_rounding_id"):
        raise PlainPath("it has journal items or cash rounding of its own")
    if values.get("invoice_currency_rate") or values.get("tax_totals"):
        raise PlainPath("its rate or its totals are given")
    for command in values["invoice_line_ids"]:
        if command[0] != Command.CREATE:
            raise PlainPath("it takes lines that exist")
        _check_line(command[2])


def _check_line(line: dict) -> None:
    if line.get("display_type", "product") not in ("product", *SECTIONS):
        raise PlainPath("it has a line that is neither product nor text")
    if line.get("is_downpayment") or line.get("extra_tax_data"):
        raise PlainPath("it has a down payment or a discount on the whole")
    if line.get("analytic_distribution"):
        raise PlainPath("it has an analytic distribution")
    if line.get("deductible_amount", 100.0) != 100.0:
        raise PlainPath("a line is not wholly deductible")


def check_company(company) -> None:
    """:raise PlainPath: the company books in a way that is not built here"""
    if company.account_discount_expense_allocation_id or company.account_storno:
        raise PlainPath("its company books discounts apart, or by storno")
    models_sudo = company.env["account.analytic.distribution.model"].sudo()
    if models_sudo.search_count([("company_id", "in", (False, company.id))], limit=1):
        raise PlainPath("its company has analytic distribution models")


def check_term(term) -> None:
    """:raise PlainPath: the payment term makes more lines than the instalments"""
    if term.early_discount:
        raise PlainPath("its payment term has a discount for early payment")


def check_taxes(taxes) -> None:
    """:raise PlainPath: a tax is booked when the invoice is paid"""
    if any(tax.tax_exigibility == "on_payment" for tax in taxes.flatten_taxes_hierarchy()):
        raise PlainPath("it has a tax that is due on payment")
