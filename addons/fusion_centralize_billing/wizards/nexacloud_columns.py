"""Which table and column of the app is which of ours: the mapping of the import as a screen."""

from typing import Any

from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ..importers import mapping, nexacloud
from ..importers.errors import SourceError


class NexacloudColumns(models.TransientModel):
    """Reads and writes the system parameter of the mapping, and asks the app what it has.

    One setting serves the import, the app's invoices of the dual run and the pull of usage.
    """

    _name = "fusion.billing.nexacloud.columns"
    _description = "Tables and Columns of NexaCloud"

    problem = fields.Text(readonly=True, help="Why the app could not be asked.")
    line_ids = fields.One2many("fusion.billing.nexacloud.column", "columns_id")

    @api.model
    def default_get(self, fields: list[str]) -> dict[str, Any]:
        """What is set now, beside what the app has; where something is missing comes first."""
        values = super().default_get(fields)
        parameters_sudo = self.env["ir.config_parameter"].sudo()
        problems: list[str] = []
        try:
            tables = mapping.load(parameters_sudo.get_param(mapping.PARAMETER), mapping.KNOWN)
        except SourceError as error:
            problems += error.problems
            tables = mapping.load("", mapping.KNOWN)
        there: dict[str, list[str]] = {}
        try:
            with nexacloud.connect(parameters_sudo.get_param(nexacloud.PARAMETER), tables) as app:
                there = {entity: app.there(entity) for entity in tables}
        except SourceError as error:
            problems += error.problems
        lines = [line for table in tables.values() for line in _lines(table, there)]
        lines.sort(key=lambda line: line["state"] != "missing")
        values |= {
            "problem": "\n".join(problems) or False,
            "line_ids": [Command.create(line) for line in lines],
        }
        return values

    def action_save(self) -> dict[str, Any]:
        """Keep it, if every name can be one and nothing that is needed is left out.

        :raise UserError: says which, and why
        """
        self.ensure_one()
        tables = self.line_ids.filtered(lambda line: not line.ours)
        setting = mapping.dump(
            {line.entity: line.theirs or line.entity for line in tables},
            {(line.entity, line.ours): line.theirs or None for line in self.line_ids - tables},
        )
        try:
            mapping.load(setting, mapping.KNOWN)
        except SourceError as error:
            raise UserError("\n".join(error.problems)) from error
        # The wizard is open to billing managers alone; they may set this one parameter.
        self.env["ir.config_parameter"].sudo().set_param(mapping.PARAMETER, setting)
        return self.env["ir.actions.act_window"]._for_xml_id(
            "fusion_centralize_billing.action_nexacloud_import"
        )


class NexacloudColumn(models.TransientModel):
    """One of our columns, or the table itself where `ours` is empty."""

    _name = "fusion.billing.nexacloud.column"
    _description = "Column of NexaCloud"

    columns_id = fields.Many2one(
        "fusion.billing.nexacloud.columns", required=True, ondelete="cascade"
    )
    entity = fields.Char(string="Table of ours", required=True)
    purpose = fields.Selection(
        [("import", "Import"), ("dual_run", "Dual run"), ("pull", "Pull of usage")], required=True
    )
    ours = fields.Char(string="Column of ours")
    theirs = fields.Char(string="In the app", help="Empty: the app has no such column.")
    needed = fields.Boolean()
    state = fields.Selection(
        [("found", "Found"), ("missing", "Missing"), ("none", "Not used"), ("unknown", "?")],
        string="There?",
        required=True,
    )
    unused = fields.Char(string="The app also has", help="Columns of that table nothing reads.")


def _lines(table: mapping.TableMapping, there: dict[str, list[str]]) -> list[dict[str, Any]]:
    """A table and its columns, each with what the app says of it; `there` is empty if unasked."""
    present = there.get(table.entity, [])
    same = {"entity": table.entity, "purpose": _purpose(table.entity)}
    used = set(table.without_absent(present).present.values())
    unused = ", ".join(name for name in present if name not in used)
    needed = mapping.REQUIRED[table.entity]

    def state(found: bool, optional: bool = False) -> str:
        if not there:
            return "unknown"
        return "found" if found else "none" if optional else "missing"

    lines = [
        {
            **same,
            "ours": ours,
            "theirs": theirs,
            "needed": ours in needed,
            "state": state(theirs in present, theirs is None or theirs not in used),
            "unused": unused if there and theirs in used and theirs not in present else False,
        }
        for ours, theirs in table.columns.items()
    ]
    if there and not present:  # one line says it all
        lines = [line | {"state": "unknown", "unused": False} for line in lines]
    first = {**same, "theirs": table.table, "needed": True, "state": state(bool(present))}
    return [first, *lines]


def _purpose(entity: str) -> str:
    if entity in mapping.TABLES:
        return "import"
    return "dual_run" if entity in mapping.INVOICE_TABLES else "pull"
