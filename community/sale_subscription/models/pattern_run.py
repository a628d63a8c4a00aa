import logging

from odoo import models

from . import pattern_guard
from .pattern_book import Due, read_due
from .pattern_groups import Group, group
from .pattern_orders import count_invoiced, update_orders
from .pattern_rows import Pattern
from .pattern_store import Book

_logger = logging.getLogger(__name__)

# Context key. False: not in this run; "compare": every shape, approved or not.
MODE = "pattern_posting"
LEADERS = "pattern_leaders"
# A batch is worth the more the more invoices follow its leaders.
BATCH = 500


class Leaders:
    """What the normal path prepared for the first orders, by their name; a context value."""

    def __init__(self):
        self.prepared: dict[str, dict] = {}


class SaleOrder(models.Model):
    """Pattern posting: the first invoice of each shape is made the normal way, the others of that
    shape are written as its rows. Loaded last: what is here goes around the whole batch."""

    _inherit = "sale.order"

    def _get_pattern_modules(self) -> set[str]:
        """Hook: modules whose extensions of Odoo's invoicing are known to leave alone what is
        written after a pattern. Whoever adds itself leaves its own orders out below."""
        return set(pattern_guard.KNOWN)

    def _filter_pattern_orders(self):
        """Hook: the orders whose invoices may be written after a pattern."""
        return self

    def _create_recurring_invoice(self, batch_size: int = 100):
        if self._get_pattern_companies():
            batch_size = max(batch_size, BATCH)
        return super()._create_recurring_invoice(batch_size)

    def _invoice_period(self):
        groups = self._get_pattern_groups()
        if not groups:
            return super()._invoice_period()
        followers = self.browse([due.id for found in groups for due in found[1:]])
        leaders = Leaders()
        first = (self - followers).with_context(**{LEADERS: leaders})
        moves = super(SaleOrder, first)._invoice_period().with_context(**{LEADERS: None})
        made, left = self._post_after_patterns(groups, leaders)
        moves |= made.with_env(moves.env)
        if left:
            moves |= super(SaleOrder, left)._invoice_period()
        return moves

    def _create_account_invoices(self, invoice_vals_list, final):
        if leaders := self.env.context.get(LEADERS):
            for values in invoice_vals_list:
                lines = [(*command[:2], dict(command[2])) for command in values["invoice_line_ids"]]
                leaders.prepared[values["invoice_origin"]] = {**values, "invoice_line_ids": lines}
        return super()._create_account_invoices(invoice_vals_list, final)

    # === WHICH === #

    def _get_pattern_companies(self):
        """Companies of these orders that have asked for it, and have a shape proven; of all there
        are, for no orders. None as soon as another module has a say in invoices."""
        companies_sudo = self.company_id.sudo()
        mode = self.env.context.get(MODE)
        if mode is False:
            return companies_sudo.browse()
        if mode != "compare":
            asked = [("subscription_pattern_posting", "=", True)]
            if self:
                companies_sudo = companies_sudo.filtered_domain(asked)
            else:
                companies_sudo = companies_sudo.search(asked)
            patterns_sudo = self.env["sale.subscription.pattern"].sudo()
            companies_sudo &= patterns_sudo._get_valid(companies_sudo).company_id
        if companies_sudo and (foreign := self._get_foreign_methods()):
            _logger.info("Nothing is written after a pattern: see %s.", ", ".join(foreign))
            return companies_sudo.browse()
        return companies_sudo

    def _get_foreign_methods(self) -> list[str]:
        return pattern_guard.foreign_methods(self.env, self._get_pattern_modules())

    def _get_pattern_groups(self) -> list[Group]:
        """Groups of orders that are billed alike; none while the company has not asked for it."""
        companies = self._get_pattern_companies()
        if not companies or len(self) < 2:
            return []
        if not (self.env["account.move"].has_access("create") or self.has_access("write")):
            return []
        self.env.flush_all()
        orders = self._filter_pattern_orders()
        dues = orders and read_due(self.env, orders, companies, self._get_billing_today())
        groups = group(self.env, dues) if dues else []
        if self.env.context.get(MODE) == "compare" or not groups:
            return groups
        valid = self.env["sale.subscription.pattern"].sudo()._get_valid(companies)
        approved = set(valid.mapped("shape_key"))
        return [found for found in groups if found.shape.key in approved]

    # === WRITE === #

    def _post_after_patterns(self, groups: list[Group], leaders: Leaders):
        """:return: the invoices written, and the orders that are left to the normal path"""
        # As at the end of a batch, so that the leaders' rows are what they will be.
        self.env.cr.flush()
        env = self.env(su=True)
        book, left = Book(env), []
        for found in groups:
            left += self._add_group(book, found, leaders)
        made = self.env["account.move"].browse(book.move_ids)
        if made:
            book.insert()
            count_invoiced(env, book.made)
            update_orders(env, book.made)
            for model in ("sale.order", "sale.order.line", "account.move", "account.move.line"):
                env[model].invalidate_model(flush=False)
            self.env.context.get("pattern_written", []).extend(due.id for _p, due, *_r in book.made)
            _logger.debug("%d invoices after %d patterns.", len(made), len(groups))
        return made, self.browse(left)

    def _add_group(self, book: Book, found: Group, leaders: Leaders) -> list[int]:
        """Put the followers of a group into the book; return the orders that are none."""
        try:
            prepared = leaders.prepared.get(found[0].name, {})
            pattern = Pattern(book.env, found, self._get_leader_move(found[0]), prepared)
            book.check(pattern)
        except pattern_guard.Unlike as reason:
            _logger.info("Nothing is written after the invoice of %s: %s.", found[0].name, reason)
            return [due.id for due in found[1:]]
        alike, left = [], []
        for due in found[1:]:
            try:
                pattern.amounts.of(due)
                alike.append(due)
            except pattern_guard.Unlike as reason:
                _logger.info("%s is invoiced the normal way: %s.", due.name, reason)
                left.append(due.id)
        if alike:
            book.add(pattern, alike)
        return left

    def _get_leader_move(self, leader: Due) -> int | None:
        claims_sudo = self.env["sale.subscription.claim"].sudo()
        claim_sudo = claims_sudo.search(
            [("order_id", "=", leader.id), ("period_start", "=", leader.period[0])]
        )
        return claim_sudo.move_id.id
