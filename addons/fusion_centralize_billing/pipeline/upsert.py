"""Small helpers for stages that write the same rows again and again."""

from collections.abc import Callable, Hashable, Sequence
from decimal import Decimal
from typing import Any

import psycopg2

from odoo import models
from odoo.exceptions import AccessError, UserError

# What one bad row raises. Serialization failures and lost connections are not among them: they
# concern the transaction, and Odoo repeats it.
ROW_ERRORS = (UserError, AccessError, ValueError, psycopg2.DataError, psycopg2.IntegrityError)


def changes(record: models.BaseModel, vals: dict[str, Any]) -> dict[str, Any]:
    """The part of ``vals`` that differs from the record: nothing to write = nothing written."""
    return {
        name: value
        for name, value in vals.items()
        if not _same(record, record._fields[name], value)
    }


def _same(record: models.BaseModel, field: Any, value: Any) -> bool:
    current = record[field.name]
    if field.type == "many2one":
        return current.id == (value or False)
    if field.type == "many2many":
        return set(current.ids) == {target for command in value for target in command[2]}
    if field.type in ("float", "monetary", "integer"):
        return Decimal(repr(current)) == Decimal(repr(float(value or 0)))
    if field.type == "json":
        return (current or None) == (value or None)
    return (current or False) == (value or False)


def message_of(error: Exception) -> str:
    """What to tell about a row error, without SQL."""
    if isinstance(error, psycopg2.Error) and error.diag.message_primary:
        return error.diag.message_primary
    return str(error)


def create_each(
    model: models.BaseModel,
    rows: Sequence[tuple[Hashable, dict[str, Any]]],
    on_error: Callable[[Hashable, str], None],
) -> dict[Hashable, models.BaseModel]:
    """Create all rows at once; if one of them is refused, one by one, so that one stops none.

    :param rows: (key, values)
    :param on_error: told the key and the reason of each refused row
    :return: key → record
    """
    if not rows:
        return {}
    try:
        with model.env.cr.savepoint():
            records = model.create([vals for _key, vals in rows])
        return {key: record for (key, _vals), record in zip(rows, records, strict=True)}
    except ROW_ERRORS as error:
        if len(rows) == 1:
            on_error(rows[0][0], message_of(error))
            return {}
    created = {}
    for row in rows:
        created |= create_each(model, [row], on_error)
    return created


def upsert(
    model: models.BaseModel, record: models.BaseModel, vals: dict[str, Any]
) -> tuple[models.BaseModel, str]:
    """Create the record, or write what differs. Returns it and created/updated/unchanged."""
    if not record:
        return model.create(vals), "created"
    if different := changes(record, vals):
        record.write(different)
        return record, "updated"
    return record, "unchanged"
