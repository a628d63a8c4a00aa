"""One running Odoo for the tests of clients and examples, and the Node that some of them need."""

import os
import shutil
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tools.fusion_cli import chromium, databases, node, postgres, processes, server
from tools.fusion_cli.demo.rpc import BillingApi, OdooSession

REPO = Path(os.environ.get("FUSION_REPO", Path(__file__).resolve().parents[2]))
NODE = node.find(Path(sys.executable))
CHROMIUM = chromium.find()
# A skipped test counts as failed; without Node or Chromium these are not there, and the summary
# says so.
_WITHOUT_NODE = [] if NODE else ["test_javascript_client.py", "test_example_nexadesk.py"]
_WITHOUT_CHROMIUM = [] if CHROMIUM else ["test_fake_stripe.py"]
collect_ignore = _WITHOUT_NODE + _WITHOUT_CHROMIUM


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    wanted = f"Node {'.'.join(map(str, node.OLDEST))} or newer"
    for what, absent in ((wanted, _WITHOUT_NODE), ("Chromium", _WITHOUT_CHROMIUM)):
        if absent:
            terminalreporter.write_line(f"{what} is absent, so not run: {', '.join(absent)}")


@dataclass(frozen=True)
class Service:
    """A service in Odoo, as its app sees it and as its operator does."""

    odoo: OdooSession
    id: int
    code: str
    api: BillingApi
    secret: str

    def environment(self) -> dict[str, str]:
        """What an operator hands to an app."""
        return {
            **os.environ,
            "BILLING_URL": self.api.base,
            "BILLING_KEY": self.api.key,
            "BILLING_WEBHOOK_SECRET": self.secret,
        }

    def key(self, scope: str = "write", limit: int = 0) -> str:
        """Make one more key, as a person does on the service's screen.

        :param limit: requests in ten seconds
        """
        wizard, keys = "fusion.billing.api.key.wizard", "fusion.billing.api.key"
        opened = self.odoo.create(wizard, service_id=self.id, name="key", scope=scope)
        shown = self.odoo.call(wizard, "action_generate", [opened])
        if limit:
            domain = [["service_id", "=", self.id]]
            [made] = self.odoo.search(keys, domain, order="id desc", limit=1)
            self.odoo.write(keys, made, own_rate_limit=True, rate_limit=limit)
        return shown["context"]["default_plaintext"]

    def at(self, instant: str) -> None:
        """Set the service's test clock, UTC."""
        self.odoo.write("fusion.billing.service", self.id, test_clock=instant)

    def bill(self, day: str) -> int:
        """Let everything that is due by a day be billed, as the nightly run does it.

        :return: how many invoices that made
        """
        run = self.odoo.create("fusion.billing.run", service_id=self.id, as_of=day)
        done = self.odoo.call("fusion.billing.run", "action_run", [run])["res_id"]
        fields = ["invoiced_count", "parked_count"]
        [counts] = self.odoo.read("fusion.billing.run", [["id", "=", done]], fields)
        assert not counts["parked_count"], self.parked(done)
        return counts["invoiced_count"]

    def parked(self, run: int) -> list[dict]:
        """What a run could not bill, and why."""
        domain = [["run_id", "=", run], ["state", "=", "parked"]]
        return self.odoo.read("fusion.billing.run.line", domain, ["order_id", "reason"])

    def documents(self, kind: str = "out_invoice") -> list[tuple[str, str, str, str]]:
        """Return each posted document: customer, date, untaxed, total; sorted."""
        domain = [
            ["x_fc_service_id", "=", self.id],
            ["state", "=", "posted"],
            ["move_type", "=", kind],
        ]
        fields = ["partner_id", "invoice_date", "amount_untaxed", "amount_total"]
        return sorted(
            (move["partner_id"][1], move["invoice_date"],
             f"{move['amount_untaxed']:.2f}", f"{move['amount_total']:.2f}")
            for move in self.odoo.read("account.move", domain, fields)
        )  # fmt: skip

    def lines(self) -> list[tuple[str, str]]:
        """Return the lines of all posted invoices: (what it says, untaxed)."""
        domain = [
            ["move_id.x_fc_service_id", "=", self.id],
            ["parent_state", "=", "posted"],
            ["display_type", "=", "product"],
        ]
        found = self.odoo.read("account.move.line", domain, ["name", "price_subtotal"])
        return sorted((line["name"], f"{line['price_subtotal']:.2f}") for line in found)


class Billing:
    """The running Odoo."""

    def __init__(self, url: str, odoo: OdooSession) -> None:
        self.url = url
        self.odoo = odoo

    def service(self, code: str, clock: str, **values: object) -> Service:
        """Open a live service that believes it is `clock` (UTC), with a key."""
        odoo = self.odoo
        record = odoo.create(
            "fusion.billing.service", code=code, name=code.title(), test_clock=clock, **values
        )
        odoo.call("fusion.billing.service", "go_live", [record])
        [read] = odoo.read("fusion.billing.service", [["id", "=", record]], ["webhook_secret"])
        key = odoo.call("fusion.billing.service", "generate_key", [record], "app")
        return Service(odoo, record, code, BillingApi(self.url, key), read["webhook_secret"])


@pytest.fixture(scope="session")
def billing() -> Iterator[Billing]:
    """An Odoo with our addons, as an operator has it after installing; gone afterwards."""
    cluster = postgres.ensure()
    database = databases.create(cluster, databases.allocate(cluster, "fusion_test_clients"))
    try:
        with pytest.MonkeyPatch.context() as patch:
            if not CHROMIUM:  # a PDF on every machine: what the pages say, line by line
                doubles = REPO / "tests" / "e2e" / "doubles"
                patch.setenv("PATH", f"{doubles}{os.pathsep}{os.environ['PATH']}")
                patch.setenv("DOUBLES_PYTHON", sys.executable)
            with server.start(cluster, database) as running:
                odoo = OdooSession(running.url, database, server.LOGIN, server.PASSWORD)
                set_param = ("ir.config_parameter", "set_param")
                odoo.call(*set_param, "web.base.url", running.url)
                odoo.call(*set_param, "fusion_billing.webhook_allow_private", "1")
                yield Billing(running.url, odoo)
    finally:
        databases.drop(cluster, database)


@pytest.fixture(scope="session")
def javascript(tmp_path_factory: pytest.TempPathFactory) -> "JavaScript":
    """The npm packages of the NexaDesk example, the unmodified client among them."""
    return JavaScript(NODE, node.workspace(NODE, REPO / "examples" / "nexadesk"))


@dataclass(frozen=True)
class JavaScript:
    """Runs scripts where they find the packages."""

    node: node.Node
    folder: Path

    def copy(self, sources: Path) -> Path:
        """Return a copy of a folder from which `import` finds the packages."""
        target = self.folder / str(os.getpid()) / sources.name
        shutil.rmtree(target, ignore_errors=True)
        return Path(shutil.copytree(sources, target))

    def run(self, script: Path, *arguments: str, env: dict[str, str]) -> str:
        """Run a script to its end and return what it printed; it must end well."""
        return processes.capture([self.node.node, script, *arguments], env=env)


@pytest.fixture(autouse=True)
def time_limit():
    """End a test that stands still: a failure with a traceback instead of a run without an end."""

    def stop(_signal, _frame) -> None:
        raise TimeoutError("this test took ten minutes")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(600)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)
