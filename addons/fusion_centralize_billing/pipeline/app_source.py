"""Reads what the app billed by itself from the app's own database, and writes it down."""

import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import islice
from typing import Any

from odoo import api, models

from ..engine import Invalid
from ..importers import app_invoices, mapping, nexacloud
from ..importers.errors import SourceError
from .app_record import OUTCOMES

_logger = logging.getLogger(__name__)

BATCH = 500


class BillingAppSource(models.AbstractModel):
    """Over the import's own read-only connection. Needs SELECT on two more tables."""

    _name = "fusion.billing.app.source"
    _description = "Invoices in the App's Database"

    @api.model
    def _read(self, service: models.BaseModel, first: date, last: date) -> dict[str, Any]:
        """Record the app's invoices dated ``first`` to ``last``, both included.

        :return: ``{"ok", "problems": what keeps it from reading, "read", "created", "updated",
            "unchanged", "signed_off", "failed": counts, "lines": [{"external_id", "reason"}]}``;
            one that cannot be used is told in ``lines``, the others are recorded
        """
        report: dict[str, Any] = {"problems": [], "lines": []}
        counts: Counter[str] = Counter()
        parameters_sudo = self.env["ir.config_parameter"].sudo()
        try:
            setting = parameters_sudo.get_param(mapping.PARAMETER)
            tables = mapping.load(setting, mapping.INVOICE_TABLES)
            dsn = parameters_sudo.get_param(nexacloud.PARAMETER)
            with nexacloud.connect(dsn, tables) as source:
                report["problems"] = source.problems()
                if not report["problems"]:
                    with self.env.cr.savepoint():
                        self._record_all(service, source, (first, last), counts, report["lines"])
        except SourceError as error:
            counts.clear()
            report["problems"] += error.problems
        _logger.info("Invoices of %s from its database: %s", service.code, dict(counts))
        report |= {name: counts[name] for name in ("read", *OUTCOMES, "failed")}
        return report | {"ok": not (report["problems"] or report["failed"])}

    def _record_all(
        self,
        service: models.BaseModel,
        source: nexacloud.NexaCloud,
        dates: tuple[date, date],
        counts: Counter[str],
        lines: list[dict[str, str]],
    ) -> None:
        start_of = self._start_of(service)
        items = (
            app_invoices.item(invoice, own, start_of)
            for invoice, own in app_invoices.invoices(source, *dates)
        )
        for batch in _batches(items):
            good, bad = self._sorted_out(service, batch)
            counts.update(read=len(batch), failed=len(bad))
            lines += bad
            told = self.env["fusion.billing.app.record"]._record(service, good, "database")
            counts.update({name: told[name] for name in OUTCOMES})

    def _sorted_out(
        self, service: models.BaseModel, batch: Sequence[dict]
    ) -> tuple[list[dict], list[dict]]:
        """What can be recorded, and a line for each that cannot."""
        try:
            self.env["fusion.billing.app.record"]._parsed(batch)
        except Invalid as error:
            wrong: dict[int, list[str]] = {}
            for path, codes in error.details.items():
                index, _dot, name = path.partition(".")
                wrong.setdefault(int(index), []).append(f"{name}: {', '.join(codes)}")
        else:
            return list(batch), []
        bad = [
            {"external_id": batch[index]["external_invoice_id"], "reason": "; ".join(reasons)}
            for index, reasons in sorted(wrong.items())
        ]
        return [item for index, item in enumerate(batch) if index not in wrong], bad

    def _start_of(self, service: models.BaseModel) -> app_invoices.StartOf:
        """By the subscription's own periods here, so that both sides speak of the same one.

        Where the first invoice is due on the day it starts, the period before the start.
        """
        orders = self.env["fusion.billing.reconcile"]._orders(service)
        stage = self.env["fusion.billing.draft"]

        def start_of(external_id: str, end: date) -> date | None:
            if not (order := orders.get(external_id)):
                return None
            full = stage._period(order, end - timedelta(days=1))
            if full.end != end:
                return None
            return max(full.start, order.start_date) if end > order.start_date else full.start

        return start_of


def _batches(rows: Iterator[dict]) -> Iterator[list[dict]]:
    while batch := list(islice(rows, BATCH)):
        yield batch
