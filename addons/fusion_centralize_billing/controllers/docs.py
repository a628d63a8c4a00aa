"""GET /docs: the OpenAPI document as a page, without a script and without anybody else's server."""

from odoo import SUPERUSER_ID
from odoo.http import Controller, Response, request

from ..schemas.declared import Media
from .docs_page import sections
from .openapi import document
from .wire import BASE, billing_route

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-cache",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


class DocsController(Controller):
    @billing_route("/docs", resource="document", key=False, answer=Media("text/html"))
    def docs_page(self) -> Response:
        """This API as a page to read: every endpoint with its parameters and examples."""
        described = document()
        base = f"{request.httprequest.host_url.rstrip('/')}{BASE}"
        html = request.env(user=SUPERUSER_ID)["ir.qweb"]._render(
            "fusion_centralize_billing.docs_page",
            {"document": described, "base": base, "sections": sections(described, base)},
        )
        return Response(
            f"<!DOCTYPE html>\n{html}", content_type="text/html; charset=utf-8", headers=HEADERS
        )
