"""Writes down what an app billed by itself, from a file. All of it, or nothing."""

from typing import Any

from odoo import api, models

from ..engine import Invalid
from ..importers import app_files
from ..importers.errors import SourceError
from .app_record import OUTCOMES

SHOWN = 50


class BillingAppFile(models.AbstractModel):
    _name = "fusion.billing.app.file"
    _description = "Invoices of an App in a File"

    @api.model
    def _import(self, service: models.BaseModel, content: bytes, source: str) -> dict[str, Any]:
        """Record the invoices of a file.

        :param source: ``csv`` (our columns, see docs/reconciliation.md) or ``stripe``
        :return: as ``fusion.billing.app.source._read``; with ``problems`` nothing was written
        """
        try:
            told = self._told(service, content, source)
            done = self.env["fusion.billing.app.record"]._record(service, told.items, source)
        except SourceError as error:
            return self._report(error.problems)
        except Invalid as error:
            sentences = [told.sentence(path, codes) for path, codes in error.details.items()]
            return self._report(sentences)
        return self._report([], read=len(told.items), **{name: done[name] for name in OUTCOMES})

    def _told(self, service: models.BaseModel, content: bytes, source: str) -> app_files.Told:
        if source == "csv":
            return app_files.own(content)
        parameters_sudo = self.env["ir.config_parameter"].sudo()
        setting = parameters_sudo.get_param(app_files.STRIPE_PARAMETER)
        start_of = self.env["fusion.billing.app.source"]._start_of(service)
        return app_files.stripe(content, setting, start_of)

    def _report(self, problems: list[str], **counts: int) -> dict[str, Any]:
        if len(problems) > SHOWN:
            problems = [*problems[:SHOWN], f"… and {len(problems) - SHOWN} more."]
        none = dict.fromkeys(("read", *OUTCOMES, "failed"), 0)
        return {**none, **counts, "problems": problems, "lines": [], "ok": not problems}
