"""An integer of 64 bits: a sequence an app counts in milliseconds does not fit Odoo's 32."""

from odoo import fields


class BigInteger(fields.Integer):
    """Stored as ``int8``; everything else as `fields.Integer`."""

    _column_type = ("int8", "int8")
