"""examples/nexadesk: a TypeScript app that used Lago, swapped, run twice, billed once."""

import re
import subprocess
import threading
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tools.fusion_cli import processes

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "nexadesk"
PATIENCE = 60


class Listener:
    """The running ``listen.ts`` and the lines it says."""

    def __init__(self, command: list, env: dict[str, str]) -> None:
        self.process = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True)
        self.lines: list[str] = []
        self._more = threading.Condition()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for line in self.process.stdout:
            with self._more:
                self.lines.append(line.strip())
                self._more.notify_all()

    def hears(self, pattern: str) -> re.Match:
        """Wait until a line matches."""

        def found() -> re.Match | None:
            return next(filter(None, (re.fullmatch(pattern, line) for line in self.lines)), None)

        with self._more:
            assert self._more.wait_for(found, PATIENCE), (pattern, self.lines)
            return found()


@pytest.fixture(scope="module")
def story(billing, javascript):
    """The service, the example's folder among its packages, and its listener."""
    service = billing.service("nexadesk", "2026-03-31 20:00:00")
    folder = javascript.copy(EXAMPLE)
    env = service.environment()
    listener = Listener([javascript.node.node, folder / "listen.ts"], env)
    try:
        yield service, folder, env, listener
    finally:
        processes.stop(listener.process)
        listener.process.stdout.close()


def test_the_swap_is_ten_lines_and_they_are_the_ones_in_the_code():
    diff = re.search(r"```diff\n(.*?)```", (EXAMPLE / "README.md").read_text(), re.S)[1]
    changed = [line for line in diff.splitlines() if line[:1] in ("+", "-")]
    code = "".join(path.read_text() for path in EXAMPLE.glob("*.ts"))

    assert len(changed) <= 10
    for line in changed:
        if "process.env" in line:
            assert (line[1:] in code) is (line[0] == "+"), line


def test_the_types_of_the_client_fit(javascript, story):
    _service, folder, env, _listener = story

    javascript.run(
        javascript.folder / "node_modules/typescript/bin/tsc", "-p", str(folder), env=env
    )


def test_it_is_run_twice_and_billed_once_and_hears_of_it(javascript, story):
    service, folder, env, listener = story
    listener.hears(r"listening at \S+")

    for _ in range(2):
        said = javascript.run(folder / "sell.ts", env=env)
        assert said == "130.0 tickets, 12.00 on top of the fee\n"
    service.at("2026-04-01 15:00:00")
    assert [service.bill("2026-04-01"), service.bill("2026-04-01")] == [1, 0]

    assert service.documents() == [("Maple Motors", "2026-04-01", "61.00", "68.93")]
    listener.hears("subscription.started")
    listener.hears(r"invoice \S+: 68\.93 CAD")


def test_a_forged_message_is_refused_and_not_heard(story):
    _service, _folder, _env, listener = story
    url = listener.hears(r"listening at (\S+)")[1]
    forged = urllib.request.Request(
        url, b'{"webhook_type":"invoice.created"}', {"X-Lago-Signature": "bm8="}
    )

    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(forged, timeout=10)

    assert refused.value.code == 401
    refused.value.close()
