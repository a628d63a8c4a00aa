"""The two statements of reconciliation: our figures, and the record of the comparison."""

import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from odoo.tools import SQL

# Equal figures and signed rows are left alone; other figures reopen a row that was explained.
KEEP_OR_UPDATE = SQL(
    """
    ON CONFLICT (service_id, external_subscription_id, period_start) DO UPDATE SET
        subscription_id = EXCLUDED.subscription_id,
        link_id = EXCLUDED.link_id,
        partner_id = EXCLUDED.partner_id,
        period_end = EXCLUDED.period_end,
        currency_id = EXCLUDED.currency_id,
        app_amount = EXCLUDED.app_amount,
        our_amount = EXCLUDED.our_amount,
        difference = EXCLUDED.difference,
        difference_class = EXCLUDED.difference_class,
        state = 'open',
        write_uid = EXCLUDED.write_uid,
        write_date = EXCLUDED.write_date
    WHERE row.state != 'signed_off'
      AND (row.subscription_id, row.period_end, row.currency_id, row.app_amount,
           row.our_amount, row.difference_class)
          IS DISTINCT FROM
          (EXCLUDED.subscription_id, EXCLUDED.period_end, EXCLUDED.currency_id,
           EXCLUDED.app_amount, EXCLUDED.our_amount, EXCLUDED.difference_class)
    """
)


def our_figures(service_id: int, after: date, until: date) -> SQL:
    """(subscription, invoice date, currency, untaxed sum as exact text) of posted invoices.

    Dates in ``(after, until]``. Refunds count negative.
    """
    return SQL(
        """
        SELECT line.subscription_id, move.invoice_date, move.currency_id,
               sum(CASE move.move_type WHEN 'out_refund' THEN -line.price_subtotal
                   ELSE line.price_subtotal END)::text
        FROM account_move_line AS line
        JOIN account_move AS move ON move.id = line.move_id
        JOIN sale_order AS subscription ON subscription.id = line.subscription_id
        WHERE move.state = 'posted' AND move.move_type IN ('out_invoice', 'out_refund')
          AND line.display_type = 'product'
          AND subscription.x_fc_service_id = %s
          AND move.invoice_date > %s AND move.invoice_date <= %s
        GROUP BY 1, 2, 3
        ORDER BY 1, 2, 3
        """,
        service_id,
        after,
        until,
    )


def upsert(service_id: int, uid: int, now: datetime, comparisons: Sequence[dict[str, Any]]) -> SQL:
    """Insert or update all comparisons; `rowcount` is how many really changed.

    The unique index (service, the app's subscription id, period start) decides what exists. Equal
    figures and signed rows are left alone; other figures reopen a row that was explained.
    """
    return SQL(
        """
        INSERT INTO fusion_billing_reconciliation AS row (
            service_id, external_subscription_id, subscription_id, link_id, partner_id,
            period_start, period_end, currency_id, app_amount, our_amount, difference,
            difference_class, state, create_uid, write_uid, create_date, write_date)
        SELECT %(service)s, item.external_subscription_id, subscription.id,
               subscription.x_fc_link_id, subscription.partner_id,
               item.period_start, item.period_end, item.currency_id,
               item.app_amount, item.our_amount, item.our_amount - item.app_amount,
               item.difference_class, 'open', %(uid)s, %(uid)s, %(now)s, %(now)s
        FROM jsonb_to_recordset(%(items)s::jsonb) AS item (
            external_subscription_id varchar, subscription_id integer,
            period_start date, period_end date, currency_id integer,
            app_amount numeric, our_amount numeric, difference_class varchar)
        LEFT JOIN sale_order AS subscription ON subscription.id = item.subscription_id
        ORDER BY item.external_subscription_id, item.period_start
        %(keep_or_update)s
        """,
        keep_or_update=KEEP_OR_UPDATE,
        service=service_id,
        uid=uid,
        now=now,
        items=json.dumps(comparisons, default=str),
    )
