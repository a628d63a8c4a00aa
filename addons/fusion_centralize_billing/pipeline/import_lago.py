"""The Lago import from end to end: read through its API, translate, write, report."""

import logging
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC
from itertools import islice
from typing import Any

from odoo import models

from ..importers import lago, lago_translate
from ..importers.errors import RowError, SourceError
from ..importers.values import Skipped, SubscriptionValue
from .import_report import OUTCOMES, ImportReport

_logger = logging.getLogger(__name__)

MODES = ("test", "dry_run", "run")
OBJECTS = (
    "metrics", "taxes", "plans", "customers", "coupons", "wallets", "subscriptions", "invoices",
)  # fmt: skip
BATCH = 500


class BillingImportLago(models.AbstractModel):
    """Upserts everything in shadow: draft orders, no token, charges without a plan."""

    _name = "fusion.billing.import.lago"
    _description = "Lago import"

    def _import(
        self,
        service: models.BaseModel,
        mode: str,
        tell: Callable[[str, int, int], None] | None = None,
    ) -> dict[str, Any]:
        """Test the connection, rehearse or run; returns ``ImportReport.as_dict()``.

        :param mode: ``test`` counts what may be read; ``dry_run`` does everything and rolls it
            back; ``run`` keeps it. All of a run is kept, or (Lago breaks off) nothing.
        :param tell: hears ``(stage, rows done, rows in all)`` after every batch
        """
        if mode not in MODES:
            raise ValueError(f"{mode!r} is none of {', '.join(MODES)}")
        report = ImportReport(mode, tell, OBJECTS)
        try:
            source = self._source()
            report.tables = source.counts()
            report.warnings = source.warnings()
            if mode != "test":
                self._write(service, source, report)
        except SourceError as error:
            report.take_back()
            report.problems += error.problems
        totals = {outcome: report.total(outcome) for outcome in OUTCOMES}
        _logger.info("Lago %s into %s: %s", mode, service.code, totals)
        return report.as_dict()

    def _source(self) -> lago.Lago:
        """Lago by the system parameters. :raise SourceError: they do not do."""
        parameters_sudo = self.env["ir.config_parameter"].sudo()
        return lago.Lago(parameters_sudo.get_param(lago.URL), parameters_sudo.get_param(lago.KEY))

    def _write(self, service: models.BaseModel, source: lago.Lago, report: ImportReport) -> None:
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
        self, service_sudo: models.BaseModel, source: lago.Lago, report: ImportReport
    ) -> None:
        catalogue_sudo = self.env["fusion.billing.import.lago.catalogue"]
        reference_sudo = self.env["fusion.billing.import.lago.reference"]
        catalogue_sudo._metrics(service_sudo, source.rows("metrics"), report)
        reference_sudo._taxes(service_sudo, source.rows("taxes"), report)
        plan_rows = {str(row.get("code")): row for row in source.rows("plans")}
        overridden = list(self._overridden(source, plan_rows))
        plans = catalogue_sudo._plans(service_sudo, plan_rows.values(), report)
        plans |= catalogue_sudo._overrides(service_sudo, overridden, plans, report)
        zones: dict[str, str] = {}
        for rows in _batches(source.rows("customers")):
            zones |= {str(row.get("external_id")): lago_translate.zone_of(row) for row in rows}
            self._import_customers(service_sudo, rows, report)
        reference_sudo._coupons(service_sudo, source.rows("coupons"), report)
        reference_sudo._wallets(service_sudo, source, sorted(zones), report)
        own = {external_id: (key, row) for key, external_id, row in overridden}
        known = (plans, plan_rows, own, zones)
        running: set[str] = set()
        # What runs comes first: an id may have run before, thousands of rows away.
        by_rank = sorted(source.rows("subscriptions"), key=_rank)
        for rows in _batches(by_rank):
            self._import_subscriptions(service_sudo, rows, known, running, report)
        self.env["fusion.billing.import.lago.invoices"]._import(service_sudo, source, zones, report)
        if report.counts["subscriptions"]["created"] or report.counts["metrics"]["created"]:
            self.env["fusion.billing.ingest"]._reexamine(service_sudo)

    def _overridden(
        self, source: lago.Lago, plan_rows: dict[str, dict]
    ) -> Iterator[tuple[str, str, dict]]:
        """``(key, external id, plan)`` of each subscription at prices of its own."""
        for row in source.rows("subscriptions", overridden="true"):
            external_id, status = str(row.get("external_id")), str(row.get("status"))
            if status not in ("active", "pending"):
                continue
            whole = source.one("subscriptions", external_id, "subscription", status=status)
            plan_row = whole.get("plan") or {}
            if plan_row.get("parent_id") and plan_row.get("code") in plan_rows:
                yield f"{plan_row['code']}#{plan_row.get('lago_id')}", external_id, plan_row

    def _import_customers(
        self, service_sudo: models.BaseModel, rows: list[dict], report: ImportReport
    ) -> None:
        values = {}
        for row in rows:
            try:
                value = lago_translate.customer(row)
            except RowError as error:
                report.add("customers", _name(row), "failed", str(error))
                continue
            values[value.external_id] = value.values
        found = self.env["fusion.billing.identity"]._resolve_many(
            service_sudo, list(values.items())
        )
        for result in found:
            severity = "warning" if result.link and result.reason else ""
            report.add("customers", result.external_id, result.outcome, result.reason, severity)
        self.env.flush_all()
        report.advance("customers", len(rows))

    def _import_subscriptions(
        self,
        service_sudo: models.BaseModel,
        rows: list[dict],
        known: tuple,
        running: set[str],
        report: ImportReport,
    ) -> None:
        """Write one batch.

        :param known: plans by key, plan rows by code, own plans by subscription, zones
        :param running: the ids that run in Lago, of all batches so far; added to
        """
        plans, plan_rows, own, zones = known
        stage_sudo = self.env["fusion.billing.import.subscriptions"]
        now = service_sudo._now().replace(tzinfo=UTC)
        values: dict[str, SubscriptionValue] = {}
        ended: dict[str, str] = {}
        for row in rows:
            external_id = str(row.get("external_id"))
            key, plan_row = own.get(external_id, (None, plan_rows.get(str(row.get("plan_code")))))
            try:
                value = lago_translate.subscription(
                    row | {"plan_key": key}, plan_row, zones.get(_customer(row), "UTC"), now
                )
            except RowError as error:
                running.add(external_id)  # it may run: what was imported of it stays
                report.add("subscriptions", external_id, "failed", str(error))
                continue
            if isinstance(value, Skipped):
                ended.setdefault(external_id, value.reason)
            elif external_id in running:
                self._skip_change(external_id, row, report)
            else:
                running.add(external_id)
                values[external_id] = value
        self._end(service_sudo, ended, running, report)
        stage_sudo._write(service_sudo, list(values.values()), plans, report)
        self.env.flush_all()
        report.advance("subscriptions", len(rows))

    def _end(
        self,
        service_sudo: models.BaseModel,
        ended: dict[str, str],
        running: set[str],
        report: ImportReport,
    ) -> None:
        """An id that runs again is not ended, whatever it was before."""
        gone = {key: reason for key, reason in ended.items() if key not in running}
        for external_id in ended.keys() & running:
            report.add("subscriptions", external_id, "skipped", "An earlier one of this id.")
        self.env["fusion.billing.import.subscriptions"]._cancel(service_sudo, gone, report)

    def _skip_change(self, external_id: str, row: dict, report: ImportReport) -> None:
        reason = (
            f"In Lago it changes to plan {row.get('plan_code')} at the end of its period. Let Lago "
            "do it before going live, or change it here afterwards."
        )
        report.add("subscriptions", external_id, "skipped", reason, "warning")


def _rank(row: dict) -> int:
    return {"active": 0, "pending": 1}.get(str(row.get("status")), 2)


def _customer(row: dict) -> str:
    return str(row.get("external_customer_id"))


def _name(row: dict) -> str:
    return str(row.get("code") or row.get("external_id") or row.get("lago_id") or "")


def _batches(rows: Iterable[dict]) -> Iterator[list[dict]]:
    rows = iter(rows)
    while batch := list(islice(rows, BATCH)):
        yield batch
