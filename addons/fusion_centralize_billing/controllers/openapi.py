"""GET /openapi.json: the API, described by itself."""

from typing import Any

from odoo.http import Controller, request
from odoo.modules.module import Manifest

from ..schemas.declared import Media
from .openapi_document import Document
from .openapi_routes import MountedRoute, mounted
from .wire import billing_route

MODULE = "fusion_centralize_billing"
KEPT = "fc_openapi_document"


class OpenapiController(Controller):
    @billing_route(
        "/openapi.json", resource="document", key=False, answer=Media("application/json")
    )
    def openapi_document(self) -> dict[str, Any]:
        """This document: OpenAPI 3.1, made of the routes and of the schemas that validate."""
        return document()


def routes() -> list[MountedRoute]:
    """What is mounted on this database."""
    return mounted(request.env["ir.http"].routing_map().iter_rules())


def document() -> dict[str, Any]:
    """The OpenAPI document of this database's routes, made once for each routing map."""
    kept = vars(request.env["ir.http"].routing_map())
    if KEPT not in kept:
        kept[KEPT] = Document(routes(), Manifest.for_addon(MODULE).version).build()
    return kept[KEPT]
