"""What makes ingestion look again at events makes it look at counters too."""

from collections.abc import Sequence

from odoo import api, models


class BillingIngestCounters(models.AbstractModel):
    _inherit = "fusion.billing.ingest"

    @api.model
    def _reexamine(
        self,
        service: models.BaseModel | None = None,
        external_ids: Sequence[str] | None = None,
        codes: Sequence[str] | None = None,
    ) -> int:
        released = super()._reexamine(service, external_ids, codes)
        services = service
        if services is None:
            services = self.env["fusion.billing.service"].search([("active", "=", True)])
        counters = self.env["fusion.billing.counter"]
        return released + sum(counters._reexamine(one, external_ids, codes) for one in services)
