import logging

from odoo import api, models

from .invoice_items import CONTEXT_KEY, KnownItems
from .invoice_shapes import PlainPath, defining_modules, foreign_modules
from .invoice_values import InvoiceCompleter

_logger = logging.getLogger(__name__)

OWN = {"sale_subscription"}
# Whose `_post` changes no line of an invoice, so that nothing has to be synchronised after it.
POSTS_ONLY = {"account", "sale", "sale_subscription", "fusion_centralize_billing"}
# A run writes no chatter: the invoice is the trace.
WITHOUT_CHATTER = {
    "tracking_disable": True,
    "mail_notrack": True,
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
}
# Nothing is left to synchronise on a complete invoice.
WITHOUT_SYNC = {
    "skip_invoice_sync": True,
    "skip_invoice_line_sync": True,
    "skip_analytic_sync": True,
}


class InvoicingRun:
    """One batch of the run on its way through Odoo's methods, as a context value."""

    def __init__(self, env: api.Environment):
        self.env = env  # of whoever called the run, for hooks that are not ours
        self.complete: set[int] = set()
        self.number_formats: dict[tuple, tuple[str, dict]] = {}


class SaleOrder(models.Model):
    """The recurring run's own way of making invoices: complete values, one create, one post."""

    _inherit = "sale.order"

    def _create_account_invoices(self, invoice_vals_list, final):
        """In the recurring run, create complete invoices; elsewhere, and where a shape needs
        Odoo's own synchronisation, leave it to Odoo."""
        run = self.env.context.get("subscription_run")
        if not run or final:
            return super()._create_account_invoices(invoice_vals_list, final)
        complete, plain = self._complete_invoices(invoice_vals_list)
        made = dict.fromkeys(range(len(invoice_vals_list)))
        moves_sudo = self.env["account.move"].sudo()
        if complete:
            known = {CONTEXT_KEY: KnownItems(moves_sudo.env)}
            quiet_sudo = moves_sudo.with_context(**WITHOUT_CHATTER, **WITHOUT_SYNC, **known)
            fast_sudo = quiet_sudo.create(list(complete.values()))
            run.complete.update(fast_sudo.ids)
            _logger.debug("%d complete invoices in one go.", len(fast_sudo))
            made.update(zip(complete, fast_sudo.with_env(moves_sudo.env), strict=True))
        if plain:
            slow = super()._create_account_invoices(list(plain.values()), final)
            made.update(zip(plain, slow, strict=True))
        return moves_sudo.concat(*made.values())

    def _complete_invoices(self, vals_list: list[dict]) -> tuple[dict, dict]:
        """Values by their place in the list: completed ones, and those left as they are."""
        others = foreign_modules(self.env) or self._get_hook_overrides()
        if others:
            _logger.info(
                "Invoices are made step by step: see %s.",
                ", ".join(filter(None, others)) or "a patch",
            )
            return {}, dict(enumerate(vals_list))
        completer = InvoiceCompleter(self.env(su=True))
        partners = self.env["res.partner"].browse({vals["partner_id"] for vals in vals_list})
        partners_sudo = partners.sudo().commercial_partner_id
        partners_sudo.fetch(["property_account_receivable_id"])
        complete, plain = {}, {}
        for place, values in enumerate(vals_list):
            try:
                complete[place] = completer.complete(values)
            except PlainPath as reason:
                _logger.info("%s is invoiced step by step: %s.", values["invoice_origin"], reason)
                plain[place] = values
        return complete, plain

    def _get_hook_overrides(self) -> list[str]:
        """Other modules that decide invoice by invoice whether, and how, it is posted."""
        return sorted(defining_modules(self, "_process_auto_invoice") - OWN)

    def _process_auto_invoices(self, moves, move_by_order: dict, run: InvoicingRun) -> None:
        """Post the complete invoices of a batch together, and ask the hook about all others."""
        complete = moves.filtered(lambda move: move.id in run.complete)
        if complete:
            others = defining_modules(moves, "_post") - POSTS_ONLY
            quiet = WITHOUT_CHATTER if others else {**WITHOUT_CHATTER, **WITHOUT_SYNC}
            complete.with_context(**quiet, subscription_run=run).action_post()
        for order, move in move_by_order.items():
            if move in complete:
                order._queue_invoice_email(move)
            else:
                order._process_auto_invoice(move)
