"""Commands with real rivals: two at once, numbers in commit order, a late word of the app."""

import random
import threading

from psycopg2.errors import SerializationFailure

from odoo import SUPERUSER_ID, api
from odoo.tests import tagged
from odoo.tools import mute_logger

from .rivals_case import RivalsCase

WRITERS, EACH = 4, 10


@tagged("post_install", "-at_install")
class TestCommandRivals(RivalsCase):
    TABLES = (
        "UPDATE sale_order SET x_fc_command_id = NULL WHERE x_fc_service_id = ANY(%s)",
        "DELETE FROM fusion_billing_command WHERE service_id = ANY(%s)",
        "DELETE FROM fusion_billing_webhook WHERE service_id = ANY(%s)",
    )

    def setUp(self) -> None:
        super().setUp()
        with self.registry.cursor() as cr:
            self.forget_usage(cr)
            cr.execute(
                "UPDATE sale_order SET x_fc_confirmed_state = NULL WHERE x_fc_service_id = ANY(%s)",
                (self.made["fusion.billing.service"],),
            )
            self.service(self.env_of(cr)).mode = "live"

    def env_of(self, cr) -> api.Environment:
        return api.Environment(cr, SUPERUSER_ID, {})

    def issue(self, cr, command: str):
        env = self.env_of(cr)
        order = env["sale.order"].browse(self.made["sale.order"])
        issued = env["fusion.billing.command"]._issue(order, command, "rivals")
        env.flush_all()
        return issued

    def publish(self) -> None:
        with self.registry.cursor() as cr:
            try:
                self.env_of(cr)["fusion.billing.outbox"]._publish()
                cr.commit()
            except SerializationFailure:  # a rival numbered or superseded first
                cr.rollback()

    def commands(self, cr):
        service_ids = self.made["fusion.billing.service"]
        return self.env_of(cr)["fusion.billing.command"].search(
            [("service_id", "in", service_ids)], order="number"
        )

    def confirm(self, cr, uuid: str, state: str) -> bool:
        """Whether the word was stale."""
        env = self.env_of(cr)
        said = {"command_id": uuid, "state": state}
        desk = env["fusion.billing.command.desk"]
        stale = desk._confirm(self.service(env), "sub-1", said)[1]
        env.flush_all()
        return stale

    def test_two_commands_at_once_are_one_after_the_other(self):
        with self.registry.cursor() as first:
            self.issue(first, "suspend")
            second_is_in = threading.Event()
            outcome: list = []

            def rival(_seed: int) -> None:
                for turn in range(2):
                    with self.registry.cursor() as cr:
                        cr.execute("SELECT 1")  # its snapshot is older than the first's commit
                        second_is_in.set()
                        try:
                            outcome.append(self.issue(cr, "terminate").uuid)
                            return
                        except SerializationFailure:
                            cr.rollback()
                            outcome.append(turn)

            def commit(_seed: int) -> None:
                second_is_in.wait(10)
                first.commit()

            self.race(2, lambda seed: (rival, commit)[seed](seed))
        self.assertEqual(len(outcome), 2, "the second started over, once")
        self.publish()
        with self.registry.cursor() as cr:
            suspend, terminate = self.commands(cr)
            self.assertEqual((suspend.command, suspend.state), ("suspend", "superseded"))
            self.assertEqual((terminate.uuid, terminate.state), (outcome[1], "sent"))
            self.assertEqual((suspend.number, terminate.number), (1, 2))

    @mute_logger("odoo.sql_db")
    def test_numbers_follow_the_commits_and_one_command_is_open_whatever_the_writers_do(self):
        committed: list[str] = []

        def write(seed: int) -> None:
            chance = random.Random(seed)
            for _turn in range(EACH):
                with self.registry.cursor() as cr:
                    try:
                        issued = self.issue(cr, chance.choice(("suspend", "resume", "terminate")))
                        if chance.random() < self.KILLED:
                            cr.rollback()
                            continue
                        # The row's lock is held until the commit: nobody appends in between.
                        uuid = issued.uuid
                        if uuid not in committed:
                            committed.append(uuid)
                        cr.commit()
                    except SerializationFailure:
                        cr.rollback()
                        self.refused += 1
                if chance.random() < 0.4:
                    self.publish()

        self.race(WRITERS, write)
        self.publish()
        with self.registry.cursor() as cr:
            commands = self.commands(cr)
            self.assertEqual(commands.mapped("number"), list(range(1, len(committed) + 1)))
            self.assertEqual(commands.mapped("uuid"), committed)
            self.assertEqual(set(commands[:-1].mapped("state")), {"superseded"})
            self.assertEqual(commands[-1:].state, "sent")
            self.assertGreater(len(committed), 3)

    def test_a_word_that_crosses_a_newer_command_on_its_way_confirms_nothing(self):
        with self.registry.cursor() as cr:
            old = self.issue(cr, "suspend").uuid
        self.publish()
        with self.registry.cursor() as late:
            late.execute("SELECT 1")
            with self.registry.cursor() as cr:
                new = self.issue(cr, "resume").uuid
            with self.assertRaises(SerializationFailure):
                self.confirm(late, old, "suspended")
            late.rollback()
            self.assertTrue(self.confirm(late, old, "suspended"))
        with self.registry.cursor() as cr:
            states = {command.uuid: command.state for command in self.commands(cr)}
            self.assertEqual(states, {old: "superseded", new: "pending"})
            order = self.env_of(cr)["sale.order"].browse(self.made["sale.order"])
            self.assertFalse(order.x_fc_confirmed_state)

    def test_a_command_that_crosses_a_word_on_its_way_starts_over_and_is_told(self):
        with self.registry.cursor() as cr:
            old = self.issue(cr, "suspend").uuid
        self.publish()
        with self.registry.cursor() as slow:
            slow.execute("SELECT 1")
            with self.registry.cursor() as cr:
                self.assertFalse(self.confirm(cr, old, "suspended"))
            with self.assertRaises(SerializationFailure):
                self.issue(slow, "resume")
            slow.rollback()
            self.issue(slow, "resume")
            slow.commit()
        with self.registry.cursor() as cr:
            states = self.commands(cr).mapped("state")
            self.assertEqual(sorted(states), ["confirmed", "pending"])
