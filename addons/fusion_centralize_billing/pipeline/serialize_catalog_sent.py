"""What an app told about its catalogue beyond what bills, given back as it came."""

from typing import Any

from odoo import models


class BillingSerializeCatalogSent(models.AbstractModel):
    _inherit = "fusion.billing.serialize"

    def _metric(self, metric: models.BaseModel) -> dict[str, Any]:
        """With the filters an app declared."""
        return super()._metric(metric) | {"filters": metric.declared_filters or []}

    def _plan(
        self,
        plan: models.BaseModel,
        currency: models.BaseModel | None = None,
        full: bool = True,
    ) -> dict[str, Any]:
        """With ``metadata``, where the app has any."""
        metadata = plan.sudo().x_fc_metadata
        return super()._plan(plan, currency, full) | ({"metadata": metadata} if metadata else {})
