"""Fourteen busy months of a dozen subscriptions; five years of 200 are `bench/simulation.py`."""

from datetime import date
from unittest.mock import patch

from odoo.tests import TransactionCase, tagged

from .simulation.days import simulate
from .simulation.operations import OPERATIONS

SEED = 20260301


@tagged("post_install", "-at_install", "fc_simulation")
class TestSimulation(TransactionCase):
    def test_fourteen_months_leave_every_invariant_standing(self) -> None:
        # Card charges are made durable first; here the whole simulation is one transaction.
        with patch.object(self.env.cr, "commit", self.env.flush_all):
            world, broken = simulate(self.env, SEED, 12, date(2027, 11, 17), 425, pace=4)
        self.assertEqual(broken, [])
        happened = {name for name, count in world.done.items() if count}
        self.assertGreaterEqual(happened, {operation.name for operation in OPERATIONS})
        self.assertGreater(world.done["events"], 100)
        self.assertTrue(world.env["account.move"].search_count([("move_type", "=", "out_refund")]))
