"""The service a subscription gets: active, past due, suspended or terminated; one gate changes it.

The state is what *should* be. Whether the app has done it is the command's business.
"""

from odoo import api, fields, models
from odoo.exceptions import UserError

STATES = [
    ("active", "Active"),
    ("past_due", "Past Due"),
    ("suspended", "Suspended"),
    ("terminated", "Terminated"),
]
# Terminated is the end: who comes back gets a new subscription.
ALLOWED = {
    "active": {"past_due", "suspended", "terminated"},
    "past_due": {"active", "suspended", "terminated"},
    "suspended": {"active", "past_due", "terminated"},
    "terminated": set(),
}
GATED = ("x_fc_service_state", "x_fc_suspended_by")
# An object of this process: no context that comes over the wire can hold it.
_GATE = object()


class SaleOrder(models.Model):
    _inherit = "sale.order"

    x_fc_service_state = fields.Selection(
        STATES,
        string="Service State",
        default="active",
        copy=False,
        readonly=True,
        help="What the app should provide. Past due: something is overdue, the service still runs.",
    )
    x_fc_suspended_by = fields.Selection(
        [("policy", "The Policy"), ("person", "A Person")],
        string="Suspended By",
        copy=False,
        readonly=True,
        help="What a person suspended, a payment does not resume.",
    )

    @api.model_create_multi
    def create(self, vals_list: list[dict]):
        self._fc_check_gate(*vals_list)
        return super().create(vals_list)

    def write(self, vals: dict) -> bool:
        self._fc_check_gate(vals)
        return super().write(vals)

    def _fc_check_gate(self, *vals_list: dict) -> None:
        """Refuse what does not come through :meth:`_fc_set_service_state`."""
        if self.env.context.get("fc_state_gate") is _GATE:
            return
        untouched = (None, False, "active")
        if any(vals.get(name) not in untouched for vals in vals_list for name in GATED) or (
            self and any(name in vals for vals in vals_list for name in GATED)
        ):
            raise UserError(
                self.env._(
                    "The service state cannot be written: suspend, resume or terminate instead."
                )
            )

    def _fc_set_service_state(self, state: str, *, by: str, reason: str) -> bool:
        """Change what this subscription's customer should get; the only way to do so.

        Records it in the chatter, tells the app by webhook `subscription.service_state_changed`
        and, where the app has to act, by a command. All of it in this transaction.

        :param state: one of ``STATES``
        :param by: ``policy`` or ``person``. The policy never lifts a person's suspension; a person
            who suspends what the policy suspended takes it over.
        :param reason: a sentence for people, kept with the change and sent along
        :return: whether anything changed. What is so already, what a person decided otherwise and
            what is not allowed from the present state leaves it as it is.
        """
        self.ensure_one()
        before = self.x_fc_service_state or "active"
        if state == before:
            return state == "suspended" and by == "person" and self._fc_take_over(reason)
        if state not in ALLOWED[before] or self._fc_is_held_from(by, state):
            return False
        self._fc_write_state(state, by)
        labels = dict(self._fields["x_fc_service_state"]._description_selection(self.env))
        self._fc_tell(
            self.env._(
                "Service state: %(before)s → %(after)s. %(reason)s",
                before=labels[before],
                after=labels[state],
                reason=reason,
            )
        )
        self._fc_announce_state(before, reason, by)
        if command := _command(before, state):
            self._fc_command(command, reason)
        return True

    def _fc_is_held_from(self, by: str, state: str) -> bool:
        """Whether a person's suspension stands against what the policy wants."""
        lifts = state in ("active", "past_due")
        return by == "policy" and lifts and self.x_fc_suspended_by == "person"

    def _fc_take_over(self, reason: str) -> bool:
        """A person suspends what the policy suspended: from now on no payment resumes it."""
        if self.x_fc_suspended_by == "person":
            return False
        self._fc_write_state("suspended", "person")
        self._fc_tell(
            self.env._(
                "Suspended by hand: a payment does not resume it any more. %(reason)s",
                reason=reason,
            )
        )
        return True

    def _fc_follow(self, state: str, by: str | bool = False) -> None:
        """Take over a state that was decided and told elsewhere: an end, a renewal."""
        if (self.x_fc_service_state, self.x_fc_suspended_by) != (state, by):
            self._fc_write_state(state, by)

    def _fc_write_state(self, state: str, by: str | bool) -> None:
        order_sudo = self.sudo().with_context(fc_state_gate=_GATE)
        order_sudo.write(
            {
                "x_fc_service_state": state,
                "x_fc_suspended_by": by if state == "suspended" else False,
            }
        )

    def _fc_tell(self, sentence: str) -> None:
        order_sudo = self.sudo()
        order_sudo.message_post(body=sentence, author_id=self.env.user.partner_id.id)

    def _fc_announce_state(self, before: str, reason: str, by: str) -> None:
        """Tell the app, with the subscription as it now is."""
        if not self.x_fc_service_id:
            return
        serialize = self.env["fusion.billing.serialize"]
        payload = serialize._subscription(self, customer=True) | {
            "service_state": self.x_fc_service_state,
            "previous_service_state": before,
            "service_state_reason": reason,
            "service_state_changed_by": by,
        }
        self.env["fusion.billing.outbox"]._emit(
            self.x_fc_service_id, "subscription.service_state_changed", "subscription", payload
        )

    def _fc_command(self, command: str, reason: str) -> None:
        """Have the app do it: a numbered command that it confirms; orders of no app have none."""
        self.env["fusion.billing.command"]._issue(self, command, reason)


def _command(before: str, state: str) -> str | None:
    """What the app has to do for it; nothing where the customer notices nothing.

    >>> _command("past_due", "suspended"), _command("suspended", "past_due")
    ('suspend', 'resume')
    >>> _command("active", "past_due") is None
    True
    """
    if state in ("suspended", "terminated"):
        return {"suspended": "suspend", "terminated": "terminate"}[state]
    return "resume" if before == "suspended" else None
