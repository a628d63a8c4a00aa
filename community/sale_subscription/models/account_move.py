from odoo import models


class AccountMove(models.Model):
    _inherit = "account.move"

    def _post(self, soft: bool = True):
        """Posting is what moves the date of the next invoice: a draft does not."""
        posted = super()._post(soft)
        invoices = posted.filtered(lambda move: move.move_type == "out_invoice")
        if orders := invoices.invoice_line_ids.subscription_id:
            # Posting needs no right on orders; keeping their date is the engine's own business.
            run = self.env.context.get("subscription_run")
            orders_sudo = (orders.with_env(run.env) if run else orders).sudo()
            orders_sudo._update_next_invoice_date()
            orders_sudo._post_invoice_hook()
        return posted

    def button_cancel(self):
        """A cancelled invoice bills nothing: its periods are free again."""
        res = super().button_cancel()
        claims_sudo = self.env["sale.subscription.claim"].sudo()
        claims_sudo._release(self)
        return res

    def button_draft(self):
        """A cancelled invoice brought back claims its periods, or is refused if they are taken."""
        cancelled = self.filtered(lambda move: move.state == "cancel")
        res = super().button_draft()
        claims_sudo = self.env["sale.subscription.claim"].sudo()
        claims_sudo._claim_periods(cancelled)
        return res

    def _get_mail_template(self):
        """A subscription's plan may have an e-mail of its own for its invoices."""
        templates = self.invoice_line_ids.subscription_id.plan_id.invoice_mail_template_id
        return templates[:1] or super()._get_mail_template()

    def message_post_with_source(self, *args, **kwargs):
        """A complete invoice names its order in ``invoice_origin``: no note says it again."""
        run = self.env.context.get("subscription_run")
        if run and run.complete.issuperset(self.ids):
            return self.env["mail.message"]
        return super().message_post_with_source(*args, **kwargs)

    def _get_next_sequence_format(self):
        """Of one run's invoices of a journal and day, the first has looked for the last number.

        From there on the transaction holds the lock, and Odoo counts on by itself.
        """
        run = self.env.context.get("subscription_run")
        if not run:
            return super()._get_next_sequence_format()
        key = (self.journal_id, self.date, self.move_type)
        if key not in run.number_formats:
            run.number_formats[key] = super()._get_next_sequence_format()
        number_format, values = run.number_formats[key]
        return number_format, dict(values)
