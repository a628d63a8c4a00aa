"""The report of an import as a file: CSV for scripts, a workbook for people. Plain values."""

import csv
import io
from collections.abc import Sequence
from typing import Any

import xlsxwriter

from .import_report import OUTCOMES

HEAD = ("object", "external_id", "outcome", "severity", "reason")
# A spreadsheet takes a cell that begins like this for a formula, also in CSV.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
# The report's word for the source's table where it differs.
_TABLES = {"customers": "users"}


def counts_in(report: dict[str, Any]) -> dict[str, dict[str, int]]:
    """``{object: {"rows", outcome: n}}`` of a report; empty when nothing could be read."""
    tables = report["tables"]
    return {
        name: {"rows": tables.get(_TABLES.get(name, name), tables.get(name, 0)), **counts}
        for name, counts in report.items()
        if isinstance(counts, dict) and set(OUTCOMES) <= counts.keys() and tables
    }


def counts_of(run: Any) -> list[list[Any]]:
    """The counts as rows under ``object, rows, created…``."""
    names = ("rows", *OUTCOMES)
    rows = [[name, *(row.get(key, 0) for key in names)] for name, row in (run.counts or {}).items()]
    return [["object", *names], *rows]


def rows_of(run: Any) -> list[list[str]]:
    """The lines of a run in the order of :data:`HEAD`, worst first."""
    return [[line[name] or "" for name in HEAD] for line in run.line_ids]


def as_csv(rows: Sequence[Sequence[str]]) -> bytes:
    """UTF-8 with a byte order mark, which makes Excel read accents.

    >>> as_csv([["plans", "pro", "failed", "danger", "=1+1"]]).decode("utf-8-sig").splitlines()[1]
    "plans,pro,failed,danger,'=1+1"
    """
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(HEAD)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return stream.getvalue().encode("utf-8-sig")


def as_xlsx(rows: Sequence[Sequence[str]], counts: Sequence[Sequence[Any]]) -> bytes:
    """A workbook of two sheets, Counts and Lines with a filter. No cell is a formula."""
    stream = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(stream, options) as book:
        bold = book.add_format({"bold": True})
        first = book.add_worksheet("Counts")
        for number, row in enumerate(counts):
            first.write_row(number, 0, row, bold if not number else None)
        lines = book.add_worksheet("Lines")
        lines.write_row(0, 0, HEAD, bold)
        for number, row in enumerate(rows, start=1):
            lines.write_row(number, 0, row)
        lines.freeze_panes(1, 0)
        lines.autofilter(0, 0, max(len(rows), 1), len(HEAD) - 1)
        for column, width in enumerate((16, 40, 12, 12, 100)):
            lines.set_column(column, column, width)
    return stream.getvalue()


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
