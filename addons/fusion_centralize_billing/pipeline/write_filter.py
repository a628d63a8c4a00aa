"""Filters of a charge, written by an app one by one."""

from typing import Any

from odoo import models

from ..engine.errors import Invalid, NotFound
from ..engine.identifier import decode_as
from .write_charge import check_filter, filter_identity, filter_vals


class BillingCatalogueFilter(models.AbstractModel):
    _inherit = "fusion.billing.catalogue"

    def _find_filter(self, charge_sudo: models.BaseModel, lago_id: str) -> models.BaseModel:
        """The charge's filter (sudo) with that id, or 404 ``charge_filter_not_found``."""
        wanted = decode_as("charge_filter", lago_id)
        found_sudo = charge_sudo.filter_ids.filtered(lambda own: own.id == wanted)
        if not found_sudo:
            raise NotFound("charge_filter")
        return found_sudo

    def _put_filter(
        self,
        plan_sudo: models.BaseModel,
        charge_sudo: models.BaseModel,
        own: models.BaseModel | None,
        values: dict[str, Any],
    ) -> models.BaseModel:
        """Create or change one filter (sudo): it keeps its id whatever it matches from now on.

        :param values: all keys of Lago's filter
        :raises Invalid: ``values``: none of the metric's, or another filter's; ``properties``
        """
        check_filter(charge_sudo.metric_id, values["values"])
        identity = filter_identity(values["values"])
        others_sudo = charge_sudo.filter_ids - (own or charge_sudo.filter_ids.browse())
        if any(filter_identity(other.values) == identity for other in others_sudo):
            raise Invalid.field("values", "value_already_exist")
        vals = filter_vals(own, charge_sudo.model, values)
        with self._cascading(plan_sudo, values["cascade_updates"]):
            if own:
                own.write(vals)
            else:
                last = max(charge_sudo.filter_ids.mapped("sequence"), default=0)
                own = charge_sudo.filter_ids.create(
                    vals | {"charge_id": charge_sudo.id, "sequence": last + 10}
                )
        self._tell_plan(plan_sudo, "plan.updated")
        return own

    def _drop_filter(
        self, plan_sudo: models.BaseModel, own_sudo: models.BaseModel, cascade: bool = False
    ) -> None:
        """Take a filter away: what it matched is priced as the charge itself from now on."""
        with self._cascading(plan_sudo, cascade):
            own_sudo.unlink()
        self._tell_plan(plan_sudo, "plan.updated")
