"""Kill the charging process at every bad moment: each invoice is paid by one charge at Stripe."""

import copy
import json
import os
import random
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

REPO = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPO))

from tools.fusion_cli import (  # noqa: E402
    console,
    databases,
    odoo_process,
    paths,
    postgres,
    processes,
    runtime,
    server,
)
from tools.stripe_double import StripeDouble, webhooks  # noqa: E402

INSIDE = (REPO / "bench" / "_chaos_inside.py").read_text()


class Chaos:
    """One database, one Stripe, and processes that come to a bad end."""

    def __init__(self, database: str, config: Path, stripe: StripeDouble, url: str) -> None:
        self.stripe = stripe
        # Where a running Odoo takes Stripe's webhooks.
        self.webhook = f"{url}/payment/stripe/webhook"
        self.result = paths.current().run / f"{database}.json"
        self.log = odoo_process.log_of(database)
        ready = runtime.ensure()
        self.command = [*ready.odoo_command(), "shell", "-c", config, "--no-http"]
        self.env = {
            **ready.environment(),
            "CHAOS_STRIPE": stripe.url,
            "CHAOS_RESULT": str(self.result),
        }

    def start(self, *steps: str) -> subprocess.Popen:
        """Start a process that does these steps."""
        with self.log.open("a") as log:
            process = subprocess.Popen(
                self.command,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                text=True,
                env={**self.env, "CHAOS_STEPS": " ".join(steps)},
                preexec_fn=processes.end_with_parent,
                start_new_session=True,
            )
        process.stdin.write(INSIDE)
        process.stdin.close()
        return process

    def finish(self, *steps: str) -> None:
        """Do these steps in a process that lives."""
        code = self.start(*steps).wait()
        if code:
            raise SystemExit(f"A process ended with {code}: {self.log}")

    def look(self) -> dict:
        """A next run, and what it leaves."""
        self.finish("charge", "look")
        found = json.loads(self.result.read_text())
        mine = self.stripe.intents(customer=found.pop("customer"))
        found.pop("references")
        found["charges at Stripe"] = sum(item["status"] == "succeeded" for item in mine)
        return found

    def killed_while_stripe_works(self, when: str) -> dict:
        """kill -9 while the request is at Stripe, ``before`` or ``after`` the money moved."""
        self.stripe.fail(when, "hold", "POST payment_intents")
        held = self.stripe.held + 1
        process = self.start("prepare", "charge")
        if not self.stripe.wait_until_held(held, timeout=120):
            raise SystemExit(f"The charge never reached Stripe: {self.log}")
        process.kill()
        process.wait()
        self.stripe.release()
        return self.look()

    def faulty(self, when: str, kind: str) -> dict:
        """Nobody dies, but the answer is bad or none, ``before`` or ``after`` the money moved."""
        self.stripe.fail(when, kind, "POST payment_intents")
        self.finish("prepare", "charge")
        return self.look()

    def killed_at(self, place: str) -> dict:
        """kill -9 when the process comes to a method."""
        code = self.start("prepare", f"die@{place}", "charge").wait()
        if code != -signal.SIGKILL:
            raise SystemExit(f"The process did not come to {place}: {self.log}")
        return self.look()

    def slow(self, when: str) -> dict:
        """Stripe answers after Odoo gave up, and had charged by then or had not."""
        self.stripe.fail(when, "timeout", "POST payment_intents", seconds=11)
        self.finish("prepare", "charge")
        return self.look()

    def told_before_the_commit(self) -> dict:
        """Stripe's webhook overtakes its own answer, which the job still waits for."""
        self.stripe.fail("after", "hold", "POST payment_intents")
        held = self.stripe.held + 1
        process = self.start("prepare", "charge")
        self.stripe.wait_until_held(held, timeout=120)
        # The job holds the attempt, so the webhook waits for it, or is told to come again.
        with ThreadPoolExecutor(2) as pool:
            early = [pool.submit(self.tell, WEBHOOK_SECRET) for _time in range(2)]
            wait(early, timeout=1)
            self.stripe.release()
            statuses = [future.result() for future in early]
        process.wait()
        told_again = self.tell(WEBHOOK_SECRET)
        if told_again != 200 or not set(statuses) <= {200, 500, 503}:
            raise SystemExit(f"The webhook was answered with {statuses}, then {told_again}")
        return self.look()

    def forged(self) -> dict:
        """Somebody reports a payment that never was: unsigned, with another secret, or late."""
        self.stripe.fail("before", "drop", "POST payment_intents")
        self.finish("prepare", "charge", "look")
        attempt = json.loads(self.result.read_text())["references"][0]
        event = self.success_of(attempt)
        refused = [
            webhooks.send(self.webhook, event, secret, age)
            for secret, age in (("", 0), ("whsec_of_somebody", 0), (WEBHOOK_SECRET, 3600))
        ]
        self.finish("look")
        before = json.loads(self.result.read_text())
        if min(refused) < 400 or before["left to pay"] != 100.0 or before["payments"]:
            raise SystemExit(f"A forged webhook was answered with {refused} and did {before}")
        return self.look()

    def tell(self, secret: str) -> int:
        """Deliver the newest event; return the receiver's status."""
        return webhooks.send(self.webhook, self.stripe.ledger.events[-1], secret)

    def success_of(self, reference: str) -> dict:
        """The event of a success, with our reference, that Stripe never sent."""
        customer, method = self.stripe.card()
        intent = {
            "id": "pi_forged", "object": "payment_intent", "amount": 10000, "currency": "cad",
            "amount_received": 10000, "customer": customer, "description": reference,
            "payment_method": method, "status": "succeeded", "charges": {"data": []},
        }  # fmt: skip
        return {
            "id": "evt_forged", "object": "event", "type": "payment_intent.succeeded",
            "created": 0, "livemode": False, "data": {"object": copy.deepcopy(intent)},
        }  # fmt: skip

    def two_runs(self) -> dict:
        """A second run, while the first one waits for Stripe."""
        self.stripe.fail("after", "hold", "POST payment_intents")
        held = self.stripe.held + 1
        first = self.start("prepare", "charge")
        self.stripe.wait_until_held(held, timeout=120)
        self.finish("charge")
        self.stripe.release()
        first.wait()
        return self.look()


def scenarios(chaos: Chaos) -> dict:
    """What is done to the process, by name."""
    return {
        "killed before the attempt is recorded": lambda: chaos.killed_at(
            "sale.order:_create_charge"
        ),
        "killed before Stripe hears of it": lambda: chaos.killed_at(
            "payment.transaction:_send_charge"
        ),
        "killed while Stripe has not charged yet": lambda: chaos.killed_while_stripe_works(
            "before"
        ),
        "killed after Stripe charged, before the answer": lambda: chaos.killed_while_stripe_works(
            "after"
        ),
        "killed after the answer, before the books": lambda: chaos.killed_at(
            "payment.transaction:_book_charge"
        ),
        "two runs at once": chaos.two_runs,
        NOTHING_CHARGED: lambda: chaos.faulty("before", "500"),
        "status 500 after Stripe charged": lambda: chaos.faulty("after", "500"),
        "connection lost after Stripe charged": lambda: chaos.faulty("after", "drop"),
        "answer too late, not charged": lambda: chaos.slow("before"),
        "answer too late, charged": lambda: chaos.slow("after"),
        "webhook before the commit": chaos.told_before_the_commit,
        "forged webhooks": chaos.forged,
    }


EXPECTED = {
    "invoices": 1,
    "attempts": ["paid"],
    "payments": 1,
    "left to pay": 0.0,
    "exception": False,
    "charges at Stripe": 1,
}

# Stripe repeats its 500 for the same idempotency key: nothing was charged, and nothing is charged
# anew while it might be; the subscription waits under an exception until the key is given up.
UNDECIDED = {
    "invoices": 1,
    "attempts": ["unknown"],
    "payments": 0,
    "left to pay": 100.0,
    "exception": True,
    "charges at Stripe": 0,
}
WEBHOOK_SECRET = "whsec_chaos"
NOTHING_CHARGED = "status 500, nothing charged"


def run(count: int, seed: int, names: tuple[str, ...] = ()) -> list[tuple[str, dict, dict]]:
    """Go through so many scenarios, drawn and ordered by the seed; those named come first.

    :return: (name, what was found, what has to be found)
    """
    cluster = postgres.ensure()
    database = databases.allocate(cluster, "fusion_chaos")
    databases.create(cluster, database)
    config = odoo_process.configuration(cluster, database, max_cron_threads=0)
    done = []
    crons_off = {"max_cron_threads": 0}
    with StripeDouble() as stripe, server.start(cluster, database, options=crons_off) as running:
        ways = scenarios(Chaos(database, config, stripe, running.url))
        others = [name for name in ways if name not in names]
        random.Random(seed).shuffle(others)
        for name in [*names, *others][:count]:
            done.append((name, ways[name](), UNDECIDED if name == NOTHING_CHARGED else EXPECTED))
    databases.drop(cluster, database)
    return done


def main() -> int:
    """Run every scenario; exit 1 if one of them charges other than it should."""
    seed = int(os.environ.get("CHAOS_SEED", 0)) or random.SystemRandom().randrange(1, 10**6)
    console.say(f"CHAOS_SEED={seed}")
    done = run(100, seed)
    wrong = sum(found != expected for _name, found, expected in done)
    rows = [[name, *(str(found[key]) for key in EXPECTED)] for name, found, _expected in done]
    console.table(["what happens", *EXPECTED], rows)
    console.say(f"{len(rows) - wrong} of {len(rows)} came out right (CHAOS_SEED={seed})")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
