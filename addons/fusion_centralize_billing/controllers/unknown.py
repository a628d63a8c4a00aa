"""Whatever is under the prefix and is no route: Lago's 404, not Odoo's web page."""

from odoo.http import Controller

from ..engine.errors import NotFound
from .wire import billing_route


class UnknownController(Controller):
    """Matches last: werkzeug prefers every route that says more."""

    @billing_route("/<path:rest>", resource="resource", key=False, any_method=True)
    def unknown_route(self, rest: str):
        """404 ``resource_not_found``: an unknown path, or a known one with another verb."""
        raise NotFound("resource")

    @billing_route("/", resource="resource", key=False, any_method=True)
    def bare_prefix(self):
        """404 ``resource_not_found``: the prefix itself."""
        raise NotFound("resource")
