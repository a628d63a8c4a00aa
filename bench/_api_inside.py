"""Run in an Odoo shell by `api.py`: a live service with subscriptions and endpoints."""

import json
import os
from datetime import date
from pathlib import Path

from odoo import Command

options = json.loads(os.environ["BENCH"])


def main(env) -> None:
    """Make what is measured and write the keys: one without a limit, one with."""
    fee = env["product.product"].create({"name": "Fee", "type": "service"})
    partner = env["res.partner"].create({"name": "Bench"})
    service = env["fusion.billing.service"].create({"name": "Bench", "code": "bench"})
    env["fusion.billing.metric"].create(
        {"service_id": service.id, "code": "gb", "name": "GB", "field_name": "gb"}
    )
    env["sale.order"].create(
        [
            {
                "partner_id": partner.id,
                "start_date": date(2026, 1, 1),
                "x_fc_service_id": service.id,
                "x_fc_external_id": f"sub-{n}",
                "x_fc_tz": "America/Toronto",
                "order_line": [Command.create({"product_id": fee.id})],
            }
            for n in range(50)
        ]
    )
    env["fusion.billing.ledger"]._add_months(date(2026, 3, 1))
    keys = env["fusion.billing.api.key"]
    _key, plain = keys._generate(service, "plain")
    limited, counted = keys._generate(service, "limited")
    limited.write({"own_rate_limit": True, "rate_limit": 1_000_000})
    env["ir.config_parameter"].set_param("fusion_billing.webhook_allow_private", "True")
    Path(options["keys"]).write_text(json.dumps({"plain": plain, "limited": counted}))
    env.cr.commit()


main(env)  # noqa: F821
