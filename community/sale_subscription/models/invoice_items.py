"""The journal items of complete invoices: what is known of them is stored, not computed.

Odoo computes a good part of a journal item after its values are given: what repeats its invoice,
which side of the ledger it is on, what of it is open. Of the items of a complete invoice all that
follows from the values themselves, so it goes into the same INSERT. A field that another module
than Odoo's accounting has a say in is left to be computed.
"""

from odoo import Command, api, models

from .invoice_shapes import ODOO, defining_modules

CONTEXT_KEY = "known_items"
# Sale's say is about down payments, which never get here.
ASKED = ODOO | {"sale"}
# What an item repeats of its invoice.
HEAD = {
    "company_id": "company_id",
    "company_currency_id": "company_currency_id",
    "date": "date",
    "invoice_date": "invoice_date",
    "journal_id": "journal_id",
    "move_name": "name",
    "parent_state": "state",
    "payment_id": "origin_payment_id",
    "ref": "ref",
    "statement_line_id": "statement_line_id",
}
# Odoo's place of the lines that nobody typed in.
SEQUENCES = {"tax": 10000, "payment_term": 12000}
OPEN_WITHOUT_RECONCILE = ("asset_cash", "liability_credit_card")


class KnownItems:
    """What follows from the values of journal items. Lives as long as one batch of a run."""

    def __init__(self, env: api.Environment):
        self.env = env
        lines = env["account.move.line"]
        own = {name for name, field in lines._fields.items() if _is_accounting(lines, field)}
        self.computed = own & {name for name, field in lines._fields.items() if field.compute}
        self.precomputed = {name for name, field in lines._fields.items() if field.precompute}
        # Written complete, there is nothing for Odoo to bring in line with these.
        self.inverses = {lines._fields[name] for name in own if lines._fields[name].inverse}
        moves = env["account.move"]
        self.heads_stand_alone = all(
            _is_accounting(moves, field) for field in moves._fields.values() if field.precompute
        )
        self.heads: dict[int, dict] = {}
        self.accounts: dict[int, bool] = {}
        self.taxes: dict[int, dict] = {}

    def fill(self, vals: dict) -> None:
        """Add to the values of one journal item what follows from them."""
        if vals.get("display_type") not in ("product", *SEQUENCES):
            return  # a section or a note: nothing to book
        move = self.env["account.move"].browse(vals["move_id"])
        if move.id not in self.heads:
            self.heads[move.id] = self._head(move)
        known = {**self.heads[move.id], **self._amounts(vals, move), **self._tax(vals)}
        if vals["display_type"] != "product":
            known |= self._without_product(vals, move)
        for name, value in known.items():
            if name in self.computed:
                vals.setdefault(name, value)
        if self.precomputed <= vals.keys():
            vals["__precomputed__"] = self.inverses  # else Odoo looks for what is missing

    def protect(self, data: dict) -> None:
        """Keep what is given of an item as it is, when its other fields are marked to compute."""
        fields = self.env["account.move.line"]._fields
        given = self.computed & data["stored"].keys()
        data["protected"].update(fields[name] for name in given)

    def _head(self, move) -> dict:
        fields = move._fields
        head = {
            name: fields[of_move].convert_to_write(move[of_move], move)
            for name, of_move in HEAD.items()
        }
        no_followup = move.journal_id.type == "general"
        return {**head, "statement_id": False, "is_storno": False, "no_followup": no_followup}

    def _amounts(self, vals: dict, move) -> dict:
        balance, amount = vals["balance"], vals["amount_currency"]
        known = {"debit": max(balance, 0.0), "credit": max(-balance, 0.0)}
        if not self._is_open(vals["account_id"]):
            return {
                **known,
                "amount_residual": 0.0,
                "amount_residual_currency": 0.0,
                "reconciled": False,
            }
        own, currency = move.company_currency_id, move.currency_id
        return {
            **known,
            "amount_residual": own.round(balance),
            "amount_residual_currency": currency.round(amount),
            "reconciled": own.is_zero(balance) and currency.is_zero(amount),
        }

    def _is_open(self, account_id: int) -> bool:
        """Whether what is booked there waits for its counterpart."""
        if account_id not in self.accounts:
            account = self.env["account.account"].browse(account_id)
            self.accounts[account_id] = (
                account.reconcile or account.account_type in OPEN_WITHOUT_RECONCILE
            )
        return self.accounts[account_id]

    def _tax(self, vals: dict) -> dict:
        line_id = vals.get("tax_repartition_line_id") or False
        if line_id not in self.taxes:
            tax = self.env["account.tax.repartition.line"].browse(line_id or ()).tax_id
            self.taxes[line_id] = {"tax_line_id": tax.id, "tax_group_id": tax.tax_group_id.id}
        return self.taxes[line_id]

    def _without_product(self, vals: dict, move) -> dict:
        known = {
            "sequence": SEQUENCES[vals["display_type"]],
            "product_uom_id": False,
            "quantity": 0.0,
            "price_unit": 0.0,
            "price_subtotal": 0.0,
            "price_total": 0.0,
            "tax_ids": [Command.set([])],
        }
        named_by_odoo = move.payment_reference or len(move.invoice_payment_term_id.line_ids) > 1
        return known if named_by_odoo else {**known, "name": False}


def _is_accounting(lines, field) -> bool:
    """Whether only Odoo's accounting has a say in this computed or written-through field."""
    methods = [name for name in (field.compute, field.inverse) if isinstance(name, str)]
    if field.related:
        return set(field._modules) <= ASKED
    return bool(methods) and all(defining_modules(lines, name) <= ASKED for name in methods)


class AccountMove(models.Model):
    _inherit = "account.move"

    @api.model
    def _add_precomputed_values(self, vals_list: list[dict]) -> None:
        """What a complete invoice still lacks does not hang on its lines, unless a module says so.

        With them, Odoo would make a record of each in memory to find it.
        """
        known = self.env.context.get(CONTEXT_KEY)
        if not known or not known.heads_stand_alone:
            return super()._add_precomputed_values(vals_list)
        lines = [vals.pop("line_ids", []) for vals in vals_list]
        super()._add_precomputed_values(vals_list)
        for vals, commands in zip(vals_list, lines, strict=True):
            vals["line_ids"] = commands
        return None


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    @api.model
    def _add_precomputed_values(self, vals_list: list[dict]) -> None:
        """Of complete invoices, more is known than Odoo asks for at this point."""
        if known := self.env.context.get(CONTEXT_KEY):
            for vals in vals_list:
                known.fill(vals)
        return super()._add_precomputed_values(vals_list)

    @api.model
    def _create(self, data_list: list[dict]):
        if known := self.env.context.get(CONTEXT_KEY):
            for data in data_list:
                known.protect(data)
        return super()._create(data_list)

    def _check_company(self, fnames=None):
        """Of complete invoices, check each account, tax and product of a company once."""
        if fnames is not None or not self.env.context.get(CONTEXT_KEY):
            return super()._check_company(fnames)
        for name, field in self._fields.items():
            # Its company is its invoice's: a related field.
            if field.relational and field.check_company and name != "move_id":
                kinds = {(line.company_id, line[name]): line.id for line in self if line[name]}
                super(AccountMoveLine, self.browse(kinds.values()))._check_company([name])
        return None
