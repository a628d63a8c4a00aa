"""GET /health: for load balancers and people; needs no key and tells nothing secret."""

from odoo.http import Controller, request
from odoo.modules.module import Manifest

from .wire import billing_route

MODULE = "fusion_centralize_billing"


class HealthController(Controller):
    @billing_route("/health", resource="health", key=False)
    def health(self) -> dict[str, str]:
        """200 ``{"status", "version", "database"}`` once the database has answered a query."""
        request.env.cr.execute("SELECT 1")
        manifest = Manifest.for_addon(MODULE)
        return {"status": "ok", "version": manifest.version, "database": "ok"}
