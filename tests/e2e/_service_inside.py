"""Run in an Odoo shell by the tests of a running server: a live service, its key in a file."""

import json
import os
from pathlib import Path

options = json.loads(os.environ["SERVICE"])
service = env["fusion.billing.service"].create(  # noqa: F821  the shell gives it
    {
        "name": "Rivals",
        "code": "rivals",
        "mode": "live",
        "rate_limit": options.get("rate_limit", 0),
        "webhook_url": options.get("webhook_url"),
    }
)
env["ir.config_parameter"].set_param(  # noqa: F821
    "fusion_billing.webhook_allow_private", "True"
)
for number in range(options.get("messages", 0)):
    env["fusion.billing.outbox"]._emit(  # noqa: F821
        service, "customer.updated", "customer", {"number": number}
    )
Path(options["result"]).write_text(json.dumps({"key": service.generate_key("test")}))
env.cr.commit()  # noqa: F821
