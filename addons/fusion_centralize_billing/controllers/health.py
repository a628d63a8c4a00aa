"""GET /health: for load balancers and people; needs no key and tells nothing secret."""

from odoo.http import Controller, request
from odoo.modules.module import Manifest

from ..schemas.answers.health import Health
from ..schemas.declared import Flat
from .wire import billing_route

MODULE = "fusion_centralize_billing"


class HealthController(Controller):
    @billing_route("/health", resource="health", key=False, answer=Flat(Health))
    def health(self) -> dict[str, str]:
        """Whether the database answers, and which version this is."""
        request.env.cr.execute("SELECT 1")
        manifest = Manifest.for_addon(MODULE)
        return {"status": "ok", "version": manifest.version, "database": "ok"}
