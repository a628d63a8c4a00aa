"""Money that is under way: nobody is asked for it, or cut off for it, until it is certain."""

from decimal import Decimal

from odoo import models

from .gate import to_decimal


class BillingEnforceWaits(models.AbstractModel):
    _inherit = "fusion.billing.enforce"

    def _under_way(self, order: models.BaseModel) -> models.BaseModel:
        """Overdue invoices (sudo) whose charge is pending, unknown, or announced for a day to come.

        Not for ever: a method says within how many days its money is certain.
        """
        today = self._today(order)
        return self._overdue(order).filtered(
            lambda move: (until := move._x_fc_under_way_until()) and until >= today
        )

    def _waits_for_money(self, order: models.BaseModel) -> bool:
        """Whether everything that is overdue is under way: no case opens, and no step is taken."""
        return self._overdue(order) == self._under_way(order)

    def _balance_to_cut_for(self, case: models.BaseModel) -> Decimal:
        """What is overdue of a case less what is under way, in the policy's currency."""
        return to_decimal(case.balance) - self._total(case.order_id, self._under_way(case.order_id))
