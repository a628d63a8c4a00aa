"""/webhooks: the key that verifies them."""

from typing import Any

from odoo.http import Controller, Response, request

from ..pipeline.webhook_jwt import public_key
from .wire import billing_route


class WebhooksController(Controller):
    @billing_route("/webhooks/json_public_key", resource="webhook")
    def json_public_key(self) -> dict[str, Any]:
        """``{"webhook": {"public_key": base64, in lines, of the PEM}}``."""
        return {"webhook": {"public_key": _public_key()}}

    @billing_route("/webhooks/public_key", resource="webhook")
    def plain_public_key(self) -> Response:
        """The same as text. Made on first use: then Odoo starts over with a writing cursor."""
        return Response(_public_key(), content_type="text/plain; charset=utf-8")


def _public_key() -> str:
    return public_key(request.fc_service._webhook_key())
