"""One customer's story: every kind of line, in order, of one's own companies, in French too."""

from datetime import date, datetime, timedelta

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from ..models.story_sql import KINDS
from .dunning_case import DunningCase
from .stripe_case import StripeCase


class StoryCase(DunningCase):
    def lines(self, user=None, **context):
        """The customer's lines, in order of time."""
        self.env.flush_all()
        self.env.invalidate_all()
        story = self.env["fusion.billing.story"].with_context(**context)
        domain = [("partner_id", "=", self.partner.id)]
        return (
            story.with_user(user or self.env.user)
            .search(domain)
            .sorted(lambda line: (line.instant, line.recorded_at, line.rank, line.id))
        )

    def titles(self, *kinds: str, **context) -> list[str]:
        lines = self.lines(**context)
        return [line.title for line in lines if not kinds or line.kind in kinds]

    def say(self, state: str, **said) -> None:
        command = self.order.x_fc_command_id
        said = {"command_id": command.uuid, "state": state, **said}
        self.env["fusion.billing.command.desk"]._confirm(self.service, "sub-1", said)

    def suspended_and_back(self) -> None:
        """Reminded, suspended on day 11, paid a day later; the app confirms both."""
        self.through(3, 2, 4, 6, 11, 12)
        self.env["fusion.billing.outbox"]._publish()
        self.say("suspended")
        self.on(3, 13, run=False)
        self.pay()
        self.env["fusion.billing.outbox"]._publish()
        self.say("active")


@tagged("post_install", "-at_install")
class TestStory(StoryCase):
    def test_a_suspension_and_its_end_are_told_from_the_invoice_to_the_confirmation(self) -> None:
        self.suspended_and_back()

        self.assertEqual(
            self.titles("state", "command", "confirmed", "case"),
            [
                "Active → Past Due",
                "Past Due → Suspended",
                "Command 1: Suspend",
                "The app confirmed command 1",
                "Dunning case closed: Paid",
                "Suspended → Active",
                "Command 2: Resume",
                "The app confirmed command 2",
            ],
        )
        kinds = set(self.lines().mapped("kind"))
        self.assertLessEqual(
            {"start", "invoice", "overdue", "step", "mail", "payment", "paid", "told"}, kinds
        )
        self.assertEqual(
            self.titles("step"),
            [
                "Policy: Mail",
                "Policy: Retry the card",
                "Policy: Retry the card (Nothing to Do)",
                "Policy: Retry the card",
                "Policy: Suspend",
            ],
        )
        payment = self.lines().filtered(lambda line: line.kind == "payment")
        self.assertEqual(payment.amount, 29.0)
        self.assertEqual(payment.order_id, self.order)
        self.assertEqual(payment.move_id, self.invoice)

    def test_an_instant_is_what_the_service_believed_when_it_happened(self) -> None:
        self.suspended_and_back()
        # A test is one transaction, which began at one instant: spread it as life does.
        began = self.env.cr.now()
        turns = self.env["fusion.billing.service.clock"].search(
            [("service_id", "=", self.service.id)], order="id"
        )
        self.env.flush_all()
        for place, turn in enumerate(turns):
            self.env.cr.execute(
                "UPDATE fusion_billing_service_clock SET set_at = %s WHERE id = %s",
                (began + timedelta(minutes=place), turn.id),
            )
        on_the_4th = began + timedelta(minutes=3, seconds=30)
        self.assertEqual(turns[3].test_clock, datetime(2026, 3, 4, 17))
        self.env.cr.execute(
            "UPDATE mail_message SET create_date = %s WHERE model = 'fusion.billing.dunning.case'",
            (on_the_4th,),
        )

        mails = self.lines().filtered(lambda line: line.kind == "mail")

        self.assertTrue(mails)
        self.assertEqual(set(mails.mapped("instant")), {datetime(2026, 3, 4, 17)})

    def test_an_invoice_that_was_paid_late_stays_overdue_in_the_story(self) -> None:
        self.on(3, 20, run=False)
        self.pay()
        overdue = self.lines().filtered(lambda line: line.kind == "overdue")
        self.assertEqual(overdue.instant, datetime(2026, 3, 2, 5))  # midnight in Toronto
        self.assertIn(self.invoice.name, overdue.title)

    def test_an_invoice_that_was_paid_in_time_was_never_overdue(self) -> None:
        self.env["fusion.billing.payment.api"]._receive(
            self.invoice.sudo(), 2900, "in time", date(2026, 3, 1)
        )
        self.on(3, 20, run=False)
        self.assertFalse(self.titles("overdue"))
        self.assertTrue(self.titles("paid"))

    def test_credit_notes_refusals_and_alarms_are_told(self) -> None:
        self.through(3, 2, 4, 6, 11, 12)
        self.env["fusion.billing.outbox"]._publish()
        self.order.x_fc_command_id.alarmed_at = datetime(2026, 3, 12, 19)
        self.say("active", refusal="legal hold")
        credit = self.invoice._reverse_moves([{"invoice_date": date(2026, 3, 12)}])
        credit.action_post()

        lines = {line.kind: line for line in self.lines()}
        self.assertIn("does not confirm", lines["alarm"].title)
        self.assertEqual(lines["refused"].detail, "legal hold")
        self.assertEqual(lines["refused"].tone, "bad")
        self.assertIn(credit.name, lines["credit"].title)
        self.assertEqual(lines["credit"].amount, 29.0)

    def test_the_end_is_told(self) -> None:
        self.env["fusion.billing.subscribe"]._terminate(self.order, datetime(2026, 3, 20, 12))
        self.assertEqual(self.titles("end"), [f"Subscription {self.order.name} ends"])

    def test_a_line_opens_its_document(self) -> None:
        self.suspended_and_back()
        opened = {
            line.kind: (action["res_model"], action["res_id"])
            for line in self.lines()
            for action in [line.action_open()]
        }
        case, command = self.case, self.order.x_fc_command_id
        self.assertEqual(opened["invoice"], ("account.move", self.invoice.id))
        self.assertEqual(opened["step"], ("fusion.billing.dunning.case", case.id))
        self.assertEqual(opened["mail"], ("fusion.billing.dunning.case", case.id))
        self.assertEqual(opened["state"], ("sale.order", self.order.id))
        self.assertEqual(opened["confirmed"], ("fusion.billing.command", command.id))

    def test_a_subscription_tells_its_own_part(self) -> None:
        other = self.make_order("sub-2")
        self.suspended_and_back()
        story = self.env["fusion.billing.story"]
        own = story.search(self.order.action_fc_story()["domain"])
        others = story.search(other.action_fc_story()["domain"])
        self.assertIn(self.order, own.order_id)
        self.assertNotIn(other, own.order_id)
        self.assertIn("start", others.mapped("kind"))
        self.assertNotIn("command", others.mapped("kind"))

    def test_nobody_reads_another_companys_lines_and_an_app_reads_none(self) -> None:
        self.suspended_and_back()
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = new_test_user(
            self.env,
            "stranger",
            groups="fusion_centralize_billing.group_fusion_billing_user",
            company_id=elsewhere.id,
            company_ids=[(6, 0, elsewhere.ids)],
        )
        self.assertFalse(self.lines(user=stranger))
        with self.assertRaises(AccessError):
            self.lines(user=self.service.user_id)

    def test_a_viewer_reads_it_in_french(self) -> None:
        self.env["res.lang"]._activate_lang("fr_CA")
        self.env["ir.module.module"]._load_module_terms(
            ["fusion_centralize_billing"], ["fr_CA"], overwrite=True
        )
        viewer = new_test_user(
            self.env,
            "lectrice",
            lang="fr_CA",
            groups="fusion_centralize_billing.group_fusion_billing_user",
        )
        self.suspended_and_back()
        lines = self.lines(user=viewer, lang="fr_CA")
        titles = lines.mapped("title")
        self.assertIn("Commande 1 : Suspendre", titles)
        self.assertIn("L’application a confirmé la commande 2", titles)
        self.assertIn(f"La facture {self.invoice.name} est en souffrance", titles)

    def test_a_story_of_one_customer_is_found_by_indexes(self) -> None:
        """Scans are forbidden to PostgreSQL: what it scans all the same has no index at all."""
        self.env.flush_all()
        self.env.cr.execute("SET LOCAL enable_seqscan = off")
        story = self.env["fusion.billing.story"]
        query = story._search([("partner_id", "=", self.partner.id)])
        self.env.cr.execute(f"EXPLAIN {self.env.cr.mogrify(query.select()).decode()}")
        plan = "\n".join(row for (row,) in self.env.cr.fetchall())
        scanned = {
            row.split(" on ")[1].split()[0] for row in plan.splitlines() if "Seq Scan" in row
        }
        self.assertFalse(scanned, plan)


@tagged("post_install", "-at_install")
class TestStoryOfCards(StripeCase):
    def test_charges_tell_what_their_decline_means(self) -> None:
        order = self.order("4000000000009995")
        self.run_charges()
        self.stripe.script(order.payment_token_id.stripe_payment_method, "succeeded")
        self.run_charges("2026-03-02")
        self.env.flush_all()

        lines = self.env["fusion.billing.story"].search(
            [("partner_id", "=", self.partner.id)], order="rank, id"
        )
        charges = lines.filtered(lambda line: line.kind == "charge")
        self.assertEqual(charges.mapped("title"), ["Charge declined", "Payment went through"])
        self.assertEqual(charges.mapped("tone"), ["bad", "good"])
        self.assertIn("card •••• 9995", charges[0].detail)
        self.assertIn("insufficient_funds · may pass by itself: tried again", charges[0].detail)
        self.assertEqual(charges.mapped("amount"), [100.0, 100.0])
        self.assertIn("card", lines.mapped("kind"))
        self.assertIn("payment", lines.mapped("kind"))

    def test_a_refund_is_told(self) -> None:
        self.order()
        self.run_charges()
        payment = self.env["account.payment"].search([("partner_id", "=", self.partner.id)])
        payment.copy({"payment_type": "outbound"}).action_post()
        self.env.flush_all()
        lines = self.env["fusion.billing.story"].search([("partner_id", "=", self.partner.id)])
        self.assertIn("refund", lines.mapped("kind"))


@tagged("post_install", "-at_install")
class TestStoryOnATestClock(StoryCase):
    def test_a_manager_has_the_policy_carried_out_and_others_do_not(self) -> None:
        self.on(3, 2, run=False)
        group = "fusion_centralize_billing.group_fusion_billing_"
        manager = new_test_user(self.env, "boss", groups=f"{group}manager")
        viewer = new_test_user(self.env, "viewer", groups=f"{group}user")
        with self.assertRaises(AccessError):
            self.service.with_user(viewer).action_enforce()

        self.service.with_user(manager).action_enforce()

        self.assertEqual(self.state, "past_due")
        self.assertEqual(len(self.titles("mail")), 1)

    def test_every_kind_has_its_words_and_its_icon(self) -> None:
        story, words = self.env["fusion.billing.story"], self.env["fusion.billing.story.words"]
        labels = dict(story._fields["kind"].selection)
        for kind in KINDS:
            line = story.new({"kind": kind, "name": "1", "day": date(2026, 3, 1)})
            title, _detail, tone = words._tell(line)
            self.assertTrue(title and tone and line.icon, kind)
        self.assertEqual(set(labels), set(KINDS))
