"""The ledger over the years: months get their partition, and old ones go when all is billed."""

import logging
from datetime import date

from dateutil.relativedelta import relativedelta
from psycopg2.errors import CheckViolation, LockNotAvailable

from odoo import api, fields, models
from odoo.tools import SQL

from ..models import ledger_table
from .ingest_sql import LEDGER_BEGINS

_logger = logging.getLogger(__name__)

# Months that have a partition before their first event comes.
AHEAD = 3
# A month of the rest with fewer rows than this stays there: each partition costs planning.
WORTH_A_PARTITION = 1000
# How long a change of partitions may hold up those who push.
PATIENCE = "2s"
RETENTION = "fusion_centralize_billing.ledger_months"

# What may go: counted, in a period that is billed and owes nothing. Everything else stays.
SETTLED = """e.state = 'accepted' AND EXISTS (
    SELECT FROM fusion_billing_period p
    WHERE p.subscription_id = e.subscription_id AND e.day >= p.start AND e.day < p."end"
      AND p.state = 'billed' AND p.dirty IS NOT TRUE)"""

UNSETTLED_DAY = """
SELECT u.day FROM fusion_billing_usage u
WHERE u.source = 'event' AND u.day >= %s - 1 AND u.day <= %s
  AND NOT EXISTS (
    SELECT FROM fusion_billing_period p
    WHERE p.subscription_id = u.subscription_id AND u.day >= p.start AND u.day < p."end"
      AND p.state = 'billed' AND p.dirty IS NOT TRUE)
LIMIT 1"""


class BillingLedger(models.AbstractModel):
    """Makes and drops partitions. Never drops what is parked, late or not billed yet."""

    _name = "fusion.billing.ledger"
    _description = "Usage Ledger"

    @api.model
    def _cron_keep(self) -> None:
        """Daily: months ahead, months of the rest, months beyond retention.

        A dropped month is detached in one transaction and emptied in the next: what was written
        into it until it was detached is seen then, and what must stay goes back to the ledger.
        """
        today = fields.Date.today()
        self._add_months(today)
        self._drop_months(today)
        self._commit_progress()
        self._empty_gone()
        self._commit_progress()

    @api.model
    def _add_months(self, today: date) -> None:
        """Partitions for this month and those ahead, and for months the rest is full of."""
        cr, this_month = self.env.cr, today.replace(day=1)
        last = this_month + relativedelta(months=AHEAD)
        cr.execute(
            SQL(
                "SELECT date_trunc('month', occurred_at)::date AS month FROM %s "
                "WHERE occurred_at >= %s AND occurred_at < %s "
                "GROUP BY month HAVING count(*) >= %s",
                SQL.identifier(ledger_table.REST),
                self._begins() or date.min,
                last + relativedelta(months=1),
                WORTH_A_PARTITION,
            )
        )
        wanted = {month for (month,) in cr.fetchall()}
        wanted |= {this_month + relativedelta(months=n) for n in range(AHEAD + 1)}
        for month in sorted(wanted - set(ledger_table.months(cr))):
            self._alter(ledger_table.add_month, month)

    @api.model
    def _drop_months(self, today: date) -> None:
        """Detach the months beyond retention, oldest first, up to one that owes something."""
        keep = int(self.env["ir.config_parameter"].sudo().get_param(RETENTION) or 0)
        if keep <= 0:
            return
        first_kept = today.replace(day=1) - relativedelta(months=keep)
        for month in ledger_table.months(self.env.cr):
            if month >= first_kept or not self._is_settled(month):
                break
            if not self._alter(ledger_table.detach_month, month):
                break
            self._set_begins(month + relativedelta(months=1))

    @api.model
    def _empty_gone(self) -> None:
        """Take back what must stay of detached months, drop the rest; tidy the rest partition."""
        cr = self.env.cr
        columns = SQL(", ").join(map(SQL.identifier, ("id", *ledger_table.COLUMNS)))
        for name in ledger_table.gone(cr):
            cr.execute(
                SQL(
                    f"INSERT INTO %s (%s) SELECT %s FROM %s e WHERE NOT COALESCE({SETTLED}, FALSE)",
                    SQL.identifier(ledger_table.LEDGER),
                    columns,
                    columns,
                    SQL.identifier(name),
                )
            )
            _logger.info("Dropped %s, %s events of it were kept.", name, cr.rowcount)
            cr.execute(SQL("DROP TABLE %s", SQL.identifier(name)))
        begins = self._begins()
        if begins:
            rest = SQL.identifier(ledger_table.REST)
            cr.execute(SQL(f"DELETE FROM %s e WHERE occurred_at < %s AND {SETTLED}", rest, begins))

    def _is_settled(self, month: date) -> bool:
        """Whether every day this month's events may count on is billed, and owes nothing."""
        self.env.flush_all()
        self.env.cr.execute(UNSETTLED_DAY, (month, month + relativedelta(months=1)))
        return not self.env.cr.rowcount

    def _alter(self, change, month: date) -> bool:
        """Do it, or leave it for the next day when those who push keep the table busy.

        They hold it longer than our patience, or wrote what this transaction does not see.
        """
        try:
            with self.env.cr.savepoint():
                self.env.cr.execute("SELECT set_config('lock_timeout', %s, TRUE)", (PATIENCE,))
                change(self.env.cr, month)
                self.env.cr.execute("SELECT set_config('lock_timeout', '0', TRUE)")
        except (LockNotAvailable, CheckViolation):
            _logger.info("The ledger is busy: %s waits for the next run.", month)
            return False
        return True

    def _begins(self) -> date | None:
        """First day (UTC) from which the ledger is whole; before it, rollups are all there is."""
        value = self.env["ir.config_parameter"].sudo().get_param(LEDGER_BEGINS)
        return fields.Date.to_date(value) if value else None

    def _set_begins(self, day: date) -> None:
        begins = max(day, self._begins() or day)
        self.env["ir.config_parameter"].sudo().set_param(LEDGER_BEGINS, begins.isoformat())

    def _commit_progress(self) -> None:
        """Inside a cron run only: elsewhere the caller's transaction is one."""
        if self.env.context.get("ir_cron_progress_id"):
            self.env["ir.cron"]._commit_progress()
