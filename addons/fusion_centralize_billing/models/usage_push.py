"""Every push an app made: what it sent, and how much of it was new."""

from collections import Counter
from collections.abc import Sequence

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models

RETENTION = "fusion_centralize_billing.push_log_days"
KINDS = [
    ("events", "Events"),
    ("added", "Usage added"),
    ("set", "Counters set"),
]
# Beyond this many, the ids of repeats are counted and not listed.
LISTED = 1000


class BillingUsagePush(models.Model):
    """One request that pushed usage. Events are in the ledger; what was not new is only here."""

    _name = "fusion.billing.usage.push"
    _description = "Usage Push"
    _log_access = False
    _order = "id desc"
    _rec_name = "received_at"

    received_at = fields.Datetime(required=True, help="Instant of the service's clock (UTC).")
    service_id = fields.Many2one(
        "fusion.billing.service", required=True, ondelete="cascade", index=True
    )
    key_id = fields.Many2one("fusion.billing.api.key", string="API Key", ondelete="set null")
    kind = fields.Selection(KINDS, required=True)
    items = fields.Integer(string="Sent")
    accepted = fields.Integer(string="Counted")
    duplicates = fields.Integer()
    parked = fields.Integer()
    conflicts = fields.Integer(help="Refused: nothing of a request with a conflict is kept.")
    repeats = fields.Json(help='Ids by disposition: {"duplicate": […], "conflict": […], …}.')
    repeats_pretty = fields.Text(string="Ids", compute="_compute_repeats_pretty")
    outcome = fields.Selection(
        [
            ("new", "All counted"),
            ("repeated", "With duplicates"),
            ("parked", "With parked"),
            ("refused", "Refused"),
        ],
        compute="_compute_outcome",
        store=True,
    )

    _received_idx = models.Index("(received_at)")

    @api.depends("duplicates", "parked", "conflicts")
    def _compute_outcome(self) -> None:
        for push in self:
            push.outcome = self._outcome(push.conflicts, push.parked, push.duplicates)

    @staticmethod
    def _outcome(conflicts: int, parked: int, duplicates: int) -> str:
        if conflicts:
            return "refused"
        if parked:
            return "parked"
        return "repeated" if duplicates else "new"

    @api.depends("repeats")
    def _compute_repeats_pretty(self) -> None:
        for push in self:
            push.repeats_pretty = "\n".join(
                f"{status}: {item}" for status, ids in (push.repeats or {}).items() for item in ids
            )

    @api.model
    def _record(
        self,
        service: models.BaseModel,
        kind: str,
        outcomes: Sequence[tuple[str, str]],
        key: models.BaseModel | None = None,
    ) -> models.BaseModel:
        """Log a request.

        :param outcomes: ``(id, status)`` of each item, in the order sent; a status that is not
            accepted, duplicate or parked refused the request
        :return: the log's row (sudo)
        """
        counts = Counter(status for _id, status in outcomes)
        refused = [s for s in counts if s not in ("accepted", "duplicate", "parked")]
        repeats: dict[str, list[str]] = {}
        for item, status in outcomes:
            if status != "accepted" and len(repeats.setdefault(status, [])) < LISTED:
                repeats[status].append(item)
        conflicts = sum(counts[status] for status in refused)
        return self.sudo().create(
            {
                # Known already: computed, it would be an UPDATE of its own in every push.
                "outcome": self._outcome(conflicts, counts["parked"], counts["duplicate"]),
                "received_at": service._now(),
                "service_id": service.id,
                "key_id": key.id if key else False,
                "kind": kind,
                "items": len(outcomes),
                "accepted": 0 if refused else counts["accepted"],
                "duplicates": counts["duplicate"],
                "parked": 0 if refused else counts["parked"],
                "conflicts": conflicts,
                "repeats": repeats or False,
            }
        )

    @api.autovacuum
    def _drop_old(self) -> None:
        """Forget what is older than the log's own retention; 0 days keep it for ever."""
        days = int(self.env["ir.config_parameter"].sudo().get_param(RETENTION) or 0)
        if days > 0:
            limit = fields.Datetime.now() - relativedelta(days=days)
            self.search([("received_at", "<", limit)], limit=100_000).unlink()
