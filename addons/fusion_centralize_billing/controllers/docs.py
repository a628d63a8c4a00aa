"""GET /docs: the OpenAPI document as a page, without a script and without anybody else's server."""

import hashlib

from markupsafe import escape

from odoo import SUPERUSER_ID
from odoo.http import Controller, Response, request

from ..schemas.declared import Media
from .docs_page import sections
from .openapi import document
from .wire import BASE, billing_route

KEPT = "fc_docs_pages"
# Stands in a kept page where the address of the server belongs: whoever asks chooses that one, and
# a page kept for each would fill the memory.
ADDRESS = "fc-docs-address"
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
        """This API as a page to read: every endpoint with its parameters and examples.

        With an ETag: a browser that has the page is told so (304).
        """
        base = f"{request.httprequest.host_url.rstrip('/')}{BASE}"
        html = page().replace(ADDRESS, escape(base))
        response = Response(html, content_type="text/html; charset=utf-8", headers=HEADERS)
        response.set_etag(hashlib.sha256(html.encode()).hexdigest()[:32])
        return response.make_conditional(request.httprequest)


def page() -> str:
    """The page in the language of the request, made once a process for each routing map."""
    env = request.env(user=SUPERUSER_ID)
    kept = vars(env["ir.http"].routing_map()).setdefault(KEPT, {})
    if env.lang not in kept:
        described = document()
        values = {
            "document": described,
            "base": ADDRESS,
            "sections": sections(described, ADDRESS),
        }
        html = env["ir.qweb"]._render("fusion_centralize_billing.docs_page", values)
        kept[env.lang] = f"<!DOCTYPE html>\n{html}"
    return kept[env.lang]
