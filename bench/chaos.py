"""Kill the charging process at every bad moment: each invoice is paid by one charge at Stripe."""

import json
import signal
import subprocess
import sys
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
)
from tools.stripe_double import StripeDouble  # noqa: E402

INSIDE = (REPO / "bench" / "_chaos_inside.py").read_text()


class Chaos:
    """One database, one Stripe, and processes that come to a bad end."""

    def __init__(self, database: str, config: Path, stripe: StripeDouble) -> None:
        self.stripe = stripe
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
        log = self.log.open("a")
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
NOTHING_CHARGED = "status 500, nothing charged"


def main() -> int:
    """Run every scenario; exit 1 if one of them charges other than it should."""
    cluster = postgres.ensure()
    database = databases.allocate(cluster, "fusion_chaos")
    databases.create(cluster, database)
    config = odoo_process.configuration(cluster, database, max_cron_threads=0)
    wrong = 0
    rows = []
    with StripeDouble() as stripe:
        for name, run in scenarios(Chaos(database, config, stripe)).items():
            found = run()
            wrong += found != (UNDECIDED if name == NOTHING_CHARGED else EXPECTED)
            rows.append([name, *(str(found[key]) for key in EXPECTED)])
    console.table(["killed", *EXPECTED], rows)
    databases.drop(cluster, database)
    console.say(f"{len(rows) - wrong} of {len(rows)} came out right")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
