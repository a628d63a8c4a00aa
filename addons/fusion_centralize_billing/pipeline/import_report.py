"""Counts and reasons of one import, collected while it runs. Plain Python."""

from collections.abc import Callable, Sequence
from typing import Any

OBJECTS = ("metrics", "plans", "charges", "customers", "subscriptions", "deployments")
OUTCOMES = ("created", "updated", "unchanged", "skipped", "failed")
SEVERITY = {"skipped": "info", "failed": "danger"}


class ImportReport:
    """What happened to every row: five counts an object, and a line wherever there is a reason."""

    def __init__(
        self,
        mode: str,
        tell: Callable[[str, int, int], None] | None = None,
        objects: Sequence[str] = OBJECTS,
    ) -> None:
        """Start empty. ``tell(stage, rows done, rows in all)`` hears how far the import is."""
        self.mode = mode
        self.tell = tell
        self.counts = {name: dict.fromkeys(OUTCOMES, 0) for name in objects}
        self.lines: list[dict[str, str]] = []
        self.problems: list[str] = []
        self.warnings: list[str] = []
        self.tables: dict[str, int] = {}
        self.session: dict[str, str] = {}
        self.done = 0

    def add(
        self, name: str, external_id: str, outcome: str, reason: str = "", severity: str = ""
    ) -> None:
        """Count one row, and add a line when there is a reason.

        :param severity: info, warning or danger; empty = what the outcome says
        """
        self.counts[name][outcome] += 1
        if reason or outcome == "failed":
            self.note(name, external_id, outcome, reason, severity)

    def note(
        self, name: str, external_id: str, outcome: str, reason: str, severity: str = ""
    ) -> None:
        """Add a line without counting."""
        self.lines.append(
            {
                "object": name,
                "external_id": external_id,
                "outcome": outcome,
                "reason": reason,
                "severity": severity or SEVERITY.get(outcome, "info"),
            }
        )

    def advance(self, stage: str, rows: int) -> None:
        """So many more rows of the source are done; whoever listens is told."""
        self.done += rows
        if self.tell:
            self.tell(stage, self.done, sum(self.tables.values()))

    def take_back(self) -> None:
        """All was rolled back: nothing is counted, and no reason is left of what is not there."""
        self.counts = {name: dict.fromkeys(OUTCOMES, 0) for name in self.counts}
        self.lines = []

    def total(self, outcome: str) -> int:
        """Rows with this outcome, all objects together."""
        return sum(counts[outcome] for counts in self.counts.values())

    @property
    def severity(self) -> str:
        """Colour of the banner: ``danger`` on any failure, ``warning`` on any doubt."""
        if self.problems or self.total("failed"):
            return "danger"
        doubt = self.warnings or any(line["severity"] == "warning" for line in self.lines)
        return "warning" if doubt else "success"

    def as_dict(self) -> dict[str, Any]:
        """The report as RPC-safe values: ``{object: {outcome: n}, "lines": [...], ...}``.

        ``ok`` is False when something failed or nothing could be read; ``problems`` and
        ``warnings`` are sentences; ``tables`` counts the source's rows, ``session`` says who read.
        """
        return {
            "mode": self.mode,
            "ok": self.severity != "danger",
            "severity": self.severity,
            "problems": list(self.problems),
            "warnings": list(self.warnings),
            "tables": dict(self.tables),
            "session": dict(self.session),
            "lines": list(self.lines),
            **{name: dict(counts) for name, counts in self.counts.items()},
        }
