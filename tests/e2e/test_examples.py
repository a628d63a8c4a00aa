"""examples/: apps as a developer would copy them, run twice and billed once, to the cent."""

import http.cookiejar
import io
import re
import subprocess
import sys
import urllib.request
from pathlib import Path

import pypdf

from tools.fusion_cli import processes

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def test_every_example_has_a_readme_that_the_list_of_examples_names():
    folders = sorted(path.name for path in EXAMPLES.iterdir() if path.is_dir())
    listed = (EXAMPLES / "README.md").read_text()

    assert len(folders) >= 4
    for name in folders:
        assert f"({name}/README.md)" in listed
        assert (EXAMPLES / name / "README.md").exists()


def test_a_membership_is_joined_twice_billed_once_and_cancelled_with_a_credit(billing):
    service = billing.service("membership", "2026-03-10 15:00:00")

    def app(*arguments: str) -> str:
        script = EXAMPLES / "membership" / "membership.py"
        return processes.capture([sys.executable, script, *arguments], env=service.environment())

    for _ in range(2):
        assert app("join", "ann") == "ann is a member until 2027-03-10\n"
    assert [service.bill("2026-03-10"), service.bill("2026-03-10")] == [1, 0]
    # 120.00 and 14 % HST in Nova Scotia.
    assert service.documents() == [("Ann Tremblay", "2026-03-10", "120.00", "136.80")]
    assert "Ann Tremblay" in signed_in(app("portal", "ann").strip())

    service.at("2026-06-10 15:00:00")
    assert app("cancel", "ann") == "ann was a member until today\n"
    assert app("cancel", "ann") == "ann is no member\n"

    # 93 of 365 days were used: 120.00 - 30.58 comes back, and HST of 12.52.
    assert service.documents("out_refund") == [("Ann Tremblay", "2026-06-10", "89.42", "101.94")]
    assert len(service.documents()) == 1


def signed_in(link: str) -> str:
    """Follow the link as a browser does and return the page that it leads to."""
    cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
    with urllib.request.build_opener(cookies).open(link, timeout=60) as page:
        return page.read().decode()


def test_a_shell_script_goes_from_customer_to_the_invoices_pdf(billing, tmp_path):
    service = billing.service("custom", "2026-03-31 20:00:00")

    def app() -> list[str]:
        done = subprocess.run(
            [EXAMPLES / "custom_app" / "app.sh"],
            env=service.environment(),
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return [line.strip() for line in done.stdout.splitlines() if not line[0].isdigit()]

    first = app()
    assert first[:4] == ["accepted", "accepted", "accepted", "749 cents with tax"]
    assert first[4].startswith("not yet")
    assert app()[:3] == ["duplicate"] * 3
    service.at("2026-04-01 15:00:00")
    assert [service.bill("2026-04-01"), service.bill("2026-04-01")] == [1, 0]

    number, cents = app()[-2].split(": ")

    assert cents == "1766 cents"
    assert service.documents() == [("Acme Inc.", "2026-04-01", "15.63", "17.66")]
    pages = pypdf.PdfReader(io.BytesIO((tmp_path / "invoice.pdf").read_bytes())).pages
    text = "\n".join(page.extract_text() for page in pages)
    assert number in text
    assert "17.66" in text


def test_the_shell_script_stops_at_a_wrong_key_with_the_servers_words(billing, tmp_path):
    env = {"PATH": "/usr/bin:/bin", "BILLING_URL": f"{billing.url}/api/billing/v1"}

    done = subprocess.run(
        [EXAMPLES / "custom_app" / "app.sh"],
        env=env | {"BILLING_KEY": "fbk_wrong"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode != 0
    assert "Unauthorized" in done.stderr


def test_the_first_hour_goes_as_it_is_told(billing, tmp_path):
    service = billing.service("first-hour", "2026-03-10 15:00:00")
    told = (EXAMPLES.parent / "docs" / "getting-started.md").read_text()
    blocks = re.findall(r"```bash\n(.*?)```", told, re.S)
    steps = [block for block in blocks if "export BASE" not in block]
    env = service.environment() | {"BASE": service.api.base, "KEY": service.api.key}
    assert len(steps) == len(blocks) - 1 == 7

    def typed(step: str) -> str:
        # Each step in a shell of its own, which knows `api` from the first one.
        lines = ["set -eu", *steps[0].splitlines()[:1], step]
        return processes.capture(["bash", "-c", "\n".join(lines)], env=env)

    said = [typed(step) for step in steps[:5]]
    assert '"status":"accepted"' in compact(said[3])
    assert '"status":"duplicate"' in compact(typed(steps[3]))
    assert '"total_amount_cents":1413' in compact(said[4])
    assert service.bill("2026-03-10") == 1
    assert '"total_amount_cents":2260' in compact(typed(steps[5]))
    assert '"signature_algo":"hmac"' in compact(typed(steps[6]))


def compact(said: str) -> str:
    return said.replace('": ', '":')
