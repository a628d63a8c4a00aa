"""The NexaCloud import from end to end: read, translate, write, report."""

import logging
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

from odoo import models

from ..importers import mapping, nexacloud, translate
from ..importers.errors import RowError, SourceError
from ..importers.values import Skipped, SubscriptionValue
from .import_report import OUTCOMES, ImportReport

_logger = logging.getLogger(__name__)

MODES = ("test", "dry_run", "run")
BATCH = 500


class BillingImportNexacloud(models.AbstractModel):
    """Upserts everything in shadow: draft orders, no token, charges without a plan."""

    _name = "fusion.billing.import.nexacloud"
    _description = "NexaCloud import"

    def _import(
        self,
        service: models.BaseModel,
        mode: str,
        tell: Callable[[str, int, int], None] | None = None,
    ) -> dict[str, Any]:
        """Test the connection, rehearse or run; returns ``ImportReport.as_dict()``.

        :param mode: ``test`` reads nothing but the schema; ``dry_run`` does everything and rolls
            it back; ``run`` keeps it. All of a run is kept, or (the source breaks off) nothing.
        :param tell: hears ``(stage, rows done, rows in all)`` after every batch
        """
        if mode not in MODES:
            raise ValueError(f"{mode!r} is none of {', '.join(MODES)}")
        report = ImportReport(mode, tell)
        parameters_sudo = self.env["ir.config_parameter"].sudo()
        try:
            tables = mapping.load(parameters_sudo.get_param(mapping.PARAMETER))
            dsn = parameters_sudo.get_param(nexacloud.PARAMETER)
            with nexacloud.connect(dsn, tables) as source:
                self._inspect(source, report)
                if mode != "test" and not report.problems:
                    self._write(service, source, report)
        except SourceError as error:
            report.take_back()
            report.problems += error.problems
        totals = {outcome: report.total(outcome) for outcome in OUTCOMES}
        _logger.info("NexaCloud %s into %s: %s", mode, service.code, totals)
        return report.as_dict()

    def _inspect(self, source: nexacloud.NexaCloud, report: ImportReport) -> None:
        report.session = source.session()
        report.problems = source.problems()
        if not report.problems:
            report.tables = source.counts()
            report.warnings = source.warnings()

    def _write(
        self, service: models.BaseModel, source: nexacloud.NexaCloud, report: ImportReport
    ) -> None:
        """Import in one savepoint, so that a rehearsal or a broken source leaves nothing."""
        # Late and narrow: the caller's right to import was checked by the public method, and
        # partners, products and orders are not a billing manager's own to write.
        env = self.with_context(lang=None).env
        service_sudo = service.with_env(env).sudo().with_company(service.sudo().company_id)
        stage_sudo = self.with_env(service_sudo.env)
        with self.env.cr.savepoint() as savepoint:
            stage_sudo._import_all(service_sudo, source, report)
            self.env.flush_all()  # what the database would refuse must be refused in a rehearsal
            if report.mode == "dry_run":
                savepoint.rollback()

    def _import_all(
        self, service_sudo: models.BaseModel, source: nexacloud.NexaCloud, report: ImportReport
    ) -> None:
        catalogue_sudo = self.env["fusion.billing.import.catalogue"]
        metrics = catalogue_sudo._metrics(service_sudo, translate.METRICS, report)
        values = list(_translated(source.rows("plans"), translate.plan, _failed("plans", report)))
        plans = catalogue_sudo._plans(service_sudo, values, metrics, report)
        known = (plans, catalogue_sudo._currencies(plans, values))
        for rows in _batches(source.rows("users")):
            self._import_customers(service_sudo, rows, report)
        for rows in _batches(source.rows("subscriptions")):
            self._import_subscriptions(service_sudo, rows, known, report)
        for rows in _batches(source.rows("deployments")):
            self._import_deployments(service_sudo, rows, report)
        if skipped := report.counts["deployments"]["skipped"]:
            reason = f"{skipped} deployments of subscriptions that were not imported."
            report.note("deployments", "", "skipped", reason)
        if report.counts["subscriptions"]["created"] or report.counts["metrics"]["created"]:
            self.env["fusion.billing.ingest"]._reexamine(service_sudo)

    def _import_customers(
        self, service_sudo: models.BaseModel, rows: list[dict], report: ImportReport
    ) -> None:
        values = _translated(rows, translate.customer, _failed("customers", report))
        found = self.env["fusion.billing.identity"]._resolve_many(
            service_sudo, [(value.external_id, value.values) for value in values]
        )
        for result in found:
            severity = "warning" if result.link and result.reason else ""
            report.add("customers", result.external_id, result.outcome, result.reason, severity)
        self._breathe()
        report.advance("customers", len(rows))

    def _import_subscriptions(
        self,
        service_sudo: models.BaseModel,
        rows: list[dict],
        known: tuple[dict[Any, models.BaseModel], dict[int, models.BaseModel]],
        report: ImportReport,
    ) -> None:
        """:param known: plans by the app's id, and their currencies by ours"""
        plans, currencies = known
        stage_sudo = self.env["fusion.billing.import.subscriptions"]
        values: list[SubscriptionValue] = []
        cancelled: dict[str, str] = {}
        for row in rows:
            try:
                value = translate.subscription(row)
            except RowError as error:
                report.add("subscriptions", str(row["id"]), "failed", str(error))
                continue
            if isinstance(value, Skipped):
                cancelled[str(row["id"])] = value.reason
            else:
                values.append(value)
        stage_sudo._cancel(service_sudo, cancelled, report)
        stage_sudo._write(service_sudo, values, plans, report, currencies)
        self._breathe()
        report.advance("subscriptions", len(rows))

    def _import_deployments(
        self, service_sudo: models.BaseModel, rows: list[dict], report: ImportReport
    ) -> None:
        self.env["fusion.billing.import.deployments"]._write(service_sudo, rows, report)
        self._breathe()
        report.advance("deployments", len(rows))

    def _breathe(self) -> None:
        """Write the batch and forget it, so that memory does not grow with the customers."""
        self.env.flush_all()
        self.env.invalidate_all()


def _translated(
    rows: Iterable[dict], translation: Callable, on_error: Callable[[dict, str], None]
) -> Iterator[Any]:
    for row in rows:
        try:
            yield translation(row)
        except RowError as error:
            on_error(row, str(error))


def _failed(name: str, report: ImportReport) -> Callable[[dict, str], None]:
    def add(row: dict, reason: str) -> None:
        report.add(name, str(row.get("code") or row["id"]), "failed", reason)

    return add


def _batches(rows: Iterator[dict]) -> Iterator[list[dict]]:
    while batch := list(islice(rows, BATCH)):
        yield batch
