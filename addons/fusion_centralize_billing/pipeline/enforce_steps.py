"""The steps of a policy: mail, retry the card, suspend, terminate."""

from datetime import date

from odoo import models
from odoo.tools import format_date

from .. import engine
from .business_days import is_open_for
from .gate import to_decimal

dunning = engine.dunning


class BillingEnforceSteps(models.AbstractModel):
    _inherit = "fusion.billing.enforce"

    def _day_zero(self, policy: models.BaseModel, oldest: date, today: date) -> date:
        return dunning.counted_from(oldest, today, policy._to_engine())

    def _is_open(self, case: models.BaseModel) -> dunning.BusinessDay:
        """Which days count as business days for this case."""
        if not case.policy_id.business_days_only:
            return dunning.every_day
        return is_open_for(case.order_id.partner_id.with_company(case.company_id))

    def _done(self, case: models.BaseModel) -> dict[int, date]:
        return {action.step_id.id: action.done_on for action in case.action_ids if action.step_id}

    def _take_steps(self, case: models.BaseModel, today: date) -> None:
        """Do what the policy wants done today, each step once."""
        policy = case.policy_id
        steps = policy._to_engine()
        is_open, done = self._is_open(case), self._done(case)
        todo = dunning.due(
            steps,
            case.counted_from,
            today,
            done,
            is_open=is_open,
            balance=self._balance_to_cut_for(case),
            minimum=to_decimal(policy.minimum_balance),
        )
        days = {
            step.key: dunning.due_on(step, steps, case.counted_from, done, is_open)
            for step in steps
        }
        for step in todo.overtaken:
            note = self.env._("A later step of the same day stands for it.")
            self._record(case, step, days[step.key], today, "overtaken", note)
        for step in todo.steps:
            outcome, note = getattr(self, f"_step_{step.action}")(case, step)
            self._record(case, step, days[step.key], today, outcome, note)

    def _record(
        self,
        case: models.BaseModel,
        step: dunning.Step,
        due_on: date,
        today: date,
        outcome: str,
        note: str | bool,
    ) -> None:
        self.env["fusion.billing.dunning.action"].sudo().create(
            {
                "case_id": case.id,
                "step_id": step.key,
                "day": step.day,
                "action": step.action,
                "due_on": due_on,
                "done_on": today,
                "done_at": case.service_id._now(),
                "outcome": outcome,
                "note": note,
            }
        )

    # ------------------------------------------------------------------ the actions
    def _step_mail(self, case: models.BaseModel, step: dunning.Step) -> tuple[str, str | bool]:
        return self._mail(case, step)

    def _step_retry(self, case: models.BaseModel, step: dunning.Step) -> tuple[str, str | bool]:
        """Charge the saved card again, where the last decline leaves hope; write in any case."""
        outcome, note = self._retry(case)
        if not step.mails:
            return outcome, note
        mailed, told = self._mail(case, step)
        return "done" if "done" in (outcome, mailed) else mailed, f"{note} {told}"

    def _step_suspend(self, case: models.BaseModel, step: dunning.Step) -> tuple[str, str | bool]:
        if case.order_id.x_fc_service_state == "suspended":
            return "nothing", self.env._("It is suspended already.")
        case.order_id._fc_set_service_state("suspended", by="policy", reason=self._why(case))
        return "done", self._mail(case, step)[1] if step.mails else False

    def _step_terminate(self, case: models.BaseModel, step: dunning.Step) -> tuple[str, str | bool]:
        """The end: the last usage is billed, unused days are credited, what is owed stays owed."""
        order = case.order_id
        note = self._mail(case, step)[1] if step.mails else False
        order._fc_set_service_state("terminated", by="policy", reason=self._why(case))
        self.env["fusion.billing.subscribe"]._terminate(order, case.service_id._now())
        return "done", note

    def _why(self, case: models.BaseModel) -> str:
        return self.env._(
            "%(amount)s is overdue since %(day)s.",
            amount=case.currency_id.format(case.balance),
            day=format_date(self.env, case.opened_on),
        )

    def _mail(self, case: models.BaseModel, step: dunning.Step) -> tuple[str, str]:
        """Queue the step's mail; it leaves after the commit."""
        template = self.env["fusion.billing.dunning.step"].sudo().browse(step.key).mail_template_id
        email = case.partner_id.email
        if not email:
            return "failed", self.env._(
                "%(name)s has no e-mail address.", name=case.partner_id.display_name
            )
        template.send_mail(case.id, force_send=False)
        note = self.env._("“%(name)s” mailed to %(email)s.", name=template.name, email=email)
        case.order_id._fc_tell(note)
        return "done", note

    def _retry(self, case: models.BaseModel) -> tuple[str, str]:
        """Have the run charge the saved card for what is overdue.

        Not a card that the bank refused for good: charging it again costs money and reputation.
        """
        card = case.order_id.payment_token_id
        if not card:
            return "nothing", self.env._("There is no saved card.")
        invoices = self._overdue(case.order_id)
        hopeless = invoices.filtered(lambda move: not self._may_charge_again(move, card))
        if hopeless == invoices:
            return "nothing", self._why_not_again(invoices[-1:], card)
        today = self._today(case.order_id)
        (invoices - hopeless).with_context(billing_date=today)._schedule_charge()
        return "done", self.env._("The saved card is charged again.")

    def _may_charge_again(self, move: models.BaseModel, card: models.BaseModel) -> bool:
        """Whether the last answer about this card was one that passes by itself."""
        attempts = move.charge_ids.filtered(lambda attempt: attempt.token_id == card)
        last = attempts.sorted("id")[-1:]
        if last.charge_outcome not in ("declined", "refused"):
            return True
        return last._x_fc_leaves_hope()

    def _why_not_again(self, move: models.BaseModel, card: models.BaseModel) -> str:
        if not card.payment_method_id._x_fc_rules().x_fc_retryable:
            return self.env._("This method is not tried again without the customer.")
        if move._x_fc_is_tried_out(card, self._today(move._get_charged_subscriptions()[:1])):
            return self.env._("It was tried as often as the method allows for now.")
        return self.env._("This card cannot be charged again: a new one is needed.")

    # ------------------------------------------------------------------ for people
    def _next_in_words(self, case: models.BaseModel) -> str | bool:
        """The next step and its day, as things stand."""
        steps, done, is_open = case.policy_id._to_engine(), self._done(case), self._is_open(case)
        open_steps = [step for step in steps if step.key not in done]
        if not open_steps:
            return self.env._("Nothing more: a person decides.")
        days = {
            step: dunning.due_on(step, steps, case.counted_from, done, is_open)
            for step in open_steps
        }
        step = min(open_steps, key=lambda each: (days[each], each.cuts))
        hold = case.order_id.x_fc_dunning_hold_until
        day = max(days[step], hold) if hold else days[step]
        what = self.env["fusion.billing.dunning.step"].browse(step.key)._in_words()
        return self.env._("%(day)s: %(what)s", day=format_date(self.env, day), what=what)
