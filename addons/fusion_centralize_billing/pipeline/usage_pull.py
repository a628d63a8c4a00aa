"""Pulls usage from the app's own database: the same counters the agent pushes, counted once."""

import logging
from datetime import timedelta

from odoo import api, fields, models

from ..engine import Invalid
from ..engine.bucket import Bucket
from ..engine.counter_item import CounterItem
from ..importers import mapping, nexacloud, usage
from ..importers.errors import SourceError

_logger = logging.getLogger(__name__)

BATCH = 500
BATCHES_A_PULL = 20
# A problem that lasts this long is told to people; a moment without network is not.
PATIENCE = timedelta(hours=1)
SHOWN = 20

# ``{revision: reason}`` of rows that could not be used.
Refused = dict[int, str]


class BillingUsagePull(models.AbstractModel):
    """Over the import's own read-only connection. Needs SELECT on usage_counters."""

    _name = "fusion.billing.usage.pull"
    _description = "Usage Pull"

    @api.model
    def _cron_pull(self) -> None:
        """Every service that is pulled, a commit for each; again at once while there is more."""
        services = self.env["fusion.billing.service"].search([("usage_pull", "=", True)])
        more = False
        for left, service in zip(range(len(services))[::-1], services, strict=True):
            more = self._pull(service) or more
            self.env["ir.cron"]._commit_progress(1, remaining=left + more)

    @api.model
    def _pull(self, service: models.BaseModel) -> bool:
        """Set the counters that changed since the last pull; return whether more are waiting.

        What keeps it from reading stands in ``usage_pull_error``, as do rows that are refused:
        the others count, and the refused are tried again by each pull. Counters and place are of
        one transaction: safe to repeat.
        """
        service.ensure_one()
        parameters_sudo = self.env["ir.config_parameter"].sudo()
        problems: list[str] = []
        more = False
        try:
            setting = parameters_sudo.get_param(mapping.PARAMETER)
            tables = mapping.load(setting, mapping.USAGE_TABLES)
            dsn = parameters_sudo.get_param(nexacloud.PARAMETER)
            with nexacloud.connect(dsn, tables) as source:
                problems = source.problems()
                if not problems:
                    more = self._read(service, source, problems)
        except SourceError as error:
            problems = [*problems, *error.problems]
        self._note(service, problems)
        return more

    def _read(
        self, service: models.BaseModel, source: nexacloud.NexaCloud, problems: list[str]
    ) -> bool:
        """Page after page; the place moves with each."""
        place = usage.Place(
            service.usage_pull_revision, service.usage_pull_mark, service.usage_pull_horizon
        )
        old = place.mark > place.revision
        place, settled = usage.ahead(source, place)
        if old and not settled:
            problems.append("a transaction on the app's server runs since before the last pull")
        rows = usage.again(source, service.usage_pull_refused or [])
        refused = self._take(service, rows)
        read, pages = len(rows), 0
        while settled and place.revision < place.mark and pages < BATCHES_A_PULL:
            rows = usage.page(source, place, BATCH)
            refused |= self._take(service, rows)
            read, pages = read + len(rows), pages + 1
            last = rows[-1]["revision"] if len(rows) == BATCH else place.mark
            place = place._replace(revision=last)
        more = settled and place.revision < place.mark
        if place.revision >= place.mark:  # what the next pull may read, if the app writes on
            place, _settled = usage.ahead(source, place)
        problems += [f"revision {revision}: {reason}" for revision, reason in refused.items()]
        service.write(
            {
                "usage_pull_revision": place.revision,
                "usage_pull_mark": place.mark,
                "usage_pull_horizon": place.horizon,
                "usage_pull_refused": sorted(refused) or False,
                "usage_pull_count": service.usage_pull_count + read - len(refused),
            }
        )
        _logger.info("Usage of %s pulled: %s rows", service.code, read - len(refused))
        return more

    def _take(self, service: models.BaseModel, rows: list[dict]) -> Refused:
        """Set the counters of these rows; return those that cannot be."""
        items: list[CounterItem] = []
        refused: Refused = {}
        for row in rows:
            try:
                values = usage.item(row)
                items.append(CounterItem(**values | {"bucket": Bucket.parse(values["bucket"])}))
            except (ValueError, Invalid) as error:
                refused[row["revision"]] = str(error)
        return refused | self._set(service, items)

    def _set(self, service: models.BaseModel, items: list[CounterItem]) -> Refused:
        """All or none is the rule there: what is refused is taken out, the others set again.

        A stale one is no problem: somebody has pushed a newer value of the same counter.
        """
        if not items:
            return {}
        try:
            answers = self.env["fusion.billing.counter"]._set(service, items)
        except Invalid as error:
            if len(items) == 1:
                return {items[0].sequence: str(error)}
            middle = len(items) // 2
            return self._set(service, items[:middle]) | self._set(service, items[middle:])
        told = [(item, answer.status) for item, answer in zip(items, answers, strict=True)]
        good = [item for item, status in told if status not in ("stale", "conflict")]
        again = self._set(service, good) if len(good) < len(items) else {}
        return again | {
            item.sequence: "came with another value before"
            for item, status in told
            if status == "conflict"
        }

    def _note(self, service: models.BaseModel, problems: list[str]) -> None:
        """Keep what is wrong on the service, and tell people once when it lasts."""
        now = fields.Datetime.now()
        since = (service.usage_pull_failing_since or now) if problems else False
        text = "\n".join(problems[:SHOWN])
        if len(problems) > SHOWN:
            text += self.env._("\n… and %(count)s more", count=len(problems) - SHOWN)
        if since and (service.usage_pull_at or since) < since + PATIENCE <= now:
            service.message_post(
                body=self.env._(
                    "Usage could not be pulled whole since %(since)s UTC: %(problem)s",
                    since=since,
                    problem=text,
                ),
                message_type="notification",
                subtype_xmlid="mail.mt_comment",
                partner_ids=service.sudo().responsible_id.partner_id.ids,
            )
        service.write(
            {
                "usage_pull_at": now,
                "usage_pull_error": text or False,
                "usage_pull_failing_since": since,
            }
        )
