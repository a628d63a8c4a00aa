"""/files: what a signed link opens. No key: the link is the key, for a day."""

from odoo import SUPERUSER_ID
from odoo.http import Controller, Response, request

from ..schemas.declared import Media
from .wire import billing_route


class FilesController(Controller):
    @billing_route(
        "/files/<string:token>", resource="file", key=False, answer=Media("application/pdf")
    )
    def show_file(self, token: str) -> Response:
        """The PDF of an invoice or credit note.

        404 ``file_not_found`` for a link that was forged or has expired.
        """
        environment = request.env(user=SUPERUSER_ID)
        attachment = environment["fusion.billing.document.file"]._open(token)
        response = Response(attachment.raw, content_type="application/pdf")
        response.headers["Content-Disposition"] = "inline"
        response.headers["Cache-Control"] = "private, no-store"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response
