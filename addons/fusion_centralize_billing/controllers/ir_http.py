"""A base URL with a trailing slash gives ``/v1//customers``: serve it all the same."""

import re

from odoo import models

SLASHES = re.compile(r"/{2,}")


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    @classmethod
    def _match(cls, path_info: str):
        """Odoo does not merge slashes when it looks for a route; the JS client needs it."""
        if path_info.startswith("/api/billing/") and "//" in path_info:
            path_info = SLASHES.sub("/", path_info)
        return super()._match(path_info)
