"""When a service's test clock was set to what: so that a story tells its instants, not ours."""

from odoo import api, fields, models


class ServiceClock(models.Model):
    """One turn of a service's test clock. Written with the turn, never changed."""

    _name = "fusion.billing.service.clock"
    _description = "Turn of a Test Clock"
    _order = "set_at desc, id desc"
    _log_access = False

    service_id = fields.Many2one("fusion.billing.service", required=True, ondelete="cascade")
    set_at = fields.Datetime(required=True, help="On the real clock, UTC.")
    test_clock = fields.Datetime(help="What the service believes from then on; empty: the truth.")

    _turn_idx = models.Index("(service_id, set_at DESC, id DESC)")


class BillingService(models.Model):
    _inherit = "fusion.billing.service"

    @api.model_create_multi
    def create(self, vals_list: list[dict]):
        services = super().create(vals_list)
        services.filtered("test_clock")._note_clock()
        return services

    def write(self, vals: dict) -> bool:
        before = {service.id: service.test_clock for service in self}
        result = super().write(vals)
        self.filtered(lambda each: each.test_clock != before[each.id])._note_clock()
        return result

    def _note_clock(self) -> None:
        turns_sudo = self.env["fusion.billing.service.clock"].sudo()
        turns_sudo.create(
            [
                {
                    "service_id": service.id,
                    "set_at": self.env.cr.now(),
                    "test_clock": service.test_clock,
                }
                for service in self
            ]
        )
