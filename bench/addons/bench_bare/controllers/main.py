"""The least that an Odoo controller can do: read the body, answer with JSON."""

import json

from odoo.http import Controller, request, route


class BareController(Controller):
    @route("/bench/bare", type="http", auth="none", csrf=False, save_session=False)
    def bare(self):
        """200 with as many items as the body had; no key, no database."""
        body = json.loads(request.httprequest.get_data())
        return request.make_json_response({"items": len(body.get("events", (1,)))})
