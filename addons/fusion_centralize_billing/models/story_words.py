"""The lines of a story in words, in the reader's language."""

from odoo import models
from odoo.tools import format_date

from .. import engine

dunning = engine.dunning
Told = tuple[str, str, str]  # title, detail, tone


class StoryWords(models.AbstractModel):
    """``_tell_<kind>(line)`` says (title, detail, tone) of one `fusion.billing.story` line."""

    _name = "fusion.billing.story.words"
    _description = "Words of a Story"

    def _tell(self, line: models.BaseModel) -> Told:
        title, detail, tone = getattr(self, f"_tell_{line.kind}")(line)
        return title, detail or "", tone

    def _label(self, model: str, field: str, value: str | bool) -> str:
        labels = dict(self.env[model]._fields[field]._description_selection(self.env))
        return labels.get(value, value or "")

    # ------------------------------------------------------------------ the contract
    def _tell_start(self, line: models.BaseModel) -> Told:
        title = self.env._("Subscription %(name)s starts", name=line.name)
        return title, line.note, "plain"

    def _tell_end(self, line: models.BaseModel) -> Told:
        return self.env._("Subscription %(name)s ends", name=line.name), line.note, "bad"

    # ------------------------------------------------------------------ the books
    def _tell_invoice(self, line: models.BaseModel) -> Told:
        title = self.env._("Invoice %(name)s posted", name=line.name)
        detail = self.env._("Due %(day)s.", day=format_date(self.env, line.day)) if line.day else ""
        return title, detail, "plain"

    def _tell_overdue(self, line: models.BaseModel) -> Told:
        title = self.env._("Invoice %(name)s is overdue", name=line.name)
        day = format_date(self.env, line.day)
        return title, self.env._("It was due %(day)s.", day=day), "warn"

    def _tell_paid(self, line: models.BaseModel) -> Told:
        return self.env._("Invoice %(name)s is paid", name=line.name), "", "good"

    def _tell_credit(self, line: models.BaseModel) -> Told:
        return self.env._("Credit note %(name)s", name=line.name), line.note, "plain"

    # ------------------------------------------------------------------ money
    def _tell_card(self, line: models.BaseModel) -> Told:
        return self.env._("Card •••• %(name)s saved", name=line.name or ""), "", "plain"

    def _tell_charge(self, line: models.BaseModel) -> Told:
        outcome, card = line.outcome, line.name
        if outcome in ("paid", "done"):
            title, tone = self.env._("Payment went through"), "good"
        elif outcome in ("declined", "refused", "error", "cancel"):
            title, tone = self.env._("Charge declined"), "bad"
        elif outcome in ("unknown", "mismatch"):
            title, tone = self.env._("Charge without a clear answer"), "warn"
        elif outcome == "void":
            title, tone = self.env._("Charge given up"), "plain"
        else:
            title, tone = self.env._("Charge under way"), "plain"
        said = [line.note]
        if card:
            said.append(self.env._("card •••• %(name)s", name=card))
        if line.code and tone == "bad":
            said += [line.code, self._decline(line.code)]
        return title, " · ".join(filter(None, said)), tone

    def _decline(self, code: str) -> str:
        """What the class of a decline means for what comes next; advice comes after a stroke."""
        code, _stroke, advice = code.partition("/")
        return {
            dunning.SOFT: self.env._("may pass by itself: tried again"),
            dunning.CUSTOMER: self.env._("the customer has to confirm it"),
            dunning.NEW_CARD: self.env._("needs another card"),
            dunning.HARD: self.env._("refused for good: this card is not charged again"),
            dunning.UNKNOWN: self.env._("not the bank's word"),
        }[dunning.classify(code, None, advice or None)]

    def _tell_payment(self, line: models.BaseModel) -> Told:
        detail = " · ".join(filter(None, (line.note, line.code)))
        if line.outcome in ("canceled", "rejected"):
            return self.env._("Payment %(name)s taken back", name=line.name or ""), detail, "bad"
        return self.env._("Payment %(name)s booked", name=line.name or ""), detail, "good"

    def _tell_refund(self, line: models.BaseModel) -> Told:
        detail = " · ".join(filter(None, (line.note, line.code)))
        return self.env._("Refund %(name)s", name=line.name or ""), detail, "plain"

    # ------------------------------------------------------------------ enforcement
    def _tell_mail(self, line: models.BaseModel) -> Told:
        states = {
            "outgoing": (self.env._("Mail about to leave"), "plain"),
            "exception": (self.env._("Mail could not be sent"), "bad"),
            "cancel": (self.env._("Mail cancelled"), "warn"),
        }
        title, tone = states.get(line.outcome, (self.env._("Mail sent"), "plain"))
        return title, " · ".join(filter(None, (line.note, line.code))), tone

    def _tell_step(self, line: models.BaseModel) -> Told:
        model = "fusion.billing.dunning.action"
        what = self._label(model, "action", line.code)
        title = self.env._("Policy: %(what)s", what=what)
        if line.outcome != "done":
            outcome = self._label(model, "outcome", line.outcome)
            title = self.env._("%(title)s (%(outcome)s)", title=title, outcome=outcome)
        failed = line.outcome == "failed"
        cuts = line.code in dunning.CUTS
        return title, line.note, "bad" if failed or cuts else "plain"

    def _tell_case(self, line: models.BaseModel) -> Told:
        outcome = self._label("fusion.billing.dunning.case", "state", line.outcome)
        title = self.env._("Dunning case closed: %(outcome)s", outcome=outcome)
        return title, "", "good" if line.outcome == "paid" else "plain"

    def _tell_state(self, line: models.BaseModel) -> Told:
        model = "fusion.billing.state.change"
        before = self._label(model, "before", line.code)
        after = self._label(model, "after", line.outcome)
        title = self.env._("%(before)s → %(after)s", before=before, after=after)
        tones = {"active": "good", "past_due": "warn"}
        return title, line.note, tones.get(line.outcome, "bad")

    # ------------------------------------------------------------------ the app
    def _command(self, line: models.BaseModel) -> dict[str, str]:
        return {
            "number": line.name or "",
            "command": self._label("fusion.billing.command", "command", line.code),
        }

    def _tell_command(self, line: models.BaseModel) -> Told:
        title = self.env._("Command %(number)s: %(command)s", **self._command(line))
        return title, line.note, "plain"

    def _tell_told(self, line: models.BaseModel) -> Told:
        words = self._command(line)
        if line.outcome == "delivered":
            return self.env._("The app received command %(number)s", **words), "", "plain"
        if line.outcome == "failed":
            title = self.env._("The app could not be told command %(number)s", **words)
            return title, line.note, "bad"
        return self.env._("Command %(number)s is on its way", **words), line.note, "plain"

    def _tell_alarm(self, line: models.BaseModel) -> Told:
        title = self.env._("The app does not confirm command %(number)s", **self._command(line))
        return title, "", "bad"

    def _tell_confirmed(self, line: models.BaseModel) -> Told:
        state = self._label("fusion.billing.command", "confirmed_state", line.outcome)
        title = self.env._("The app confirmed command %(number)s", **self._command(line))
        return title, self.env._("It is now: %(state)s.", state=state), "good"

    def _tell_refused(self, line: models.BaseModel) -> Told:
        title = self.env._("The app refused command %(number)s", **self._command(line))
        return title, line.note, "bad"
