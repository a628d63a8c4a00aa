"""Usage that Odoo reads from the app's database itself, and how far it has read."""

from odoo import fields, models

from .big_integer import BigInteger


class BillingServiceUsagePull(models.Model):
    _inherit = "fusion.billing.service"

    usage_pull = fields.Boolean(
        string="Pull Usage",
        tracking=True,
        copy=False,
        help="Read the hourly counters from NexaCloud's database every quarter of an hour, over "
        "the connection of the import. Not beside an app that pushes events: they would add up.",
    )
    usage_pull_at = fields.Datetime(string="Last Pull", readonly=True, copy=False)
    usage_pull_count = fields.Integer(string="Rows Pulled", readonly=True, copy=False)
    usage_pull_error = fields.Text(string="Pull Problem", readonly=True, copy=False)
    usage_pull_failing_since = fields.Datetime(
        string="Problem Since", readonly=True, copy=False, help="Told after an hour."
    )
    usage_pull_refused = fields.Json(
        readonly=True,
        copy=False,
        help="Revisions of the rows that could not be used; each pull tries them again.",
    )
    usage_pull_revision = BigInteger(
        string="Read up to Revision", readonly=True, copy=False, default=0
    )
    usage_pull_mark = BigInteger(
        readonly=True, copy=False, default=0, help="The revision the next pull reads up to."
    )
    usage_pull_horizon = BigInteger(
        readonly=True,
        copy=False,
        default=0,
        help="Transactions of the app below this number must be over first.",
    )

    def action_pull_usage(self) -> dict:
        """Pull what is new now. For billing managers."""
        self.ensure_one()
        self._check_manager()
        self.env["fusion.billing.usage.pull"]._pull(self)
        return {"type": "ir.actions.client", "tag": "soft_reload"}
