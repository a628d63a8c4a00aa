"""The main job as a newcomer runs it: the pilot, the unmodified client, a real Odoo, to the cent.

The demo holds its own figures against the apps' arithmetic and ends with exit code 1 if anything
is off; what is asserted here is that it got there, and that it told so.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CUT_OVER = "2026-03-01"
REPO = Path(os.environ.get("FUSION_REPO", Path(__file__).resolve().parents[2]))
ALL = json.loads((REPO / "pilot/nexacloud/expected_invoices.json").read_text("utf-8"))
# What NexaCloud billed itself, on the day of the cut-over or before, is not billed again.
EXPECTED = [row for row in ALL if row["service"] != "nexacloud" or row["invoice_date"] > CUT_OVER]


@pytest.fixture(scope="module")
def story() -> str:
    """What one whole run of the demo printed."""
    done = subprocess.run(
        [sys.executable, REPO / "fusion", "demo", "--no-serve"],
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-3000:]
    return done.stdout


def test_three_periods_are_compared_and_the_one_mistake_is_found_and_explained(story):
    section = story.split("4. Dual run", 1)[1].split("5. Cut over", 1)[0]
    before, after = section.split("catches up", 1)

    assert int(re.search(r"usage +(\d+)", before)[1]) > 10, "the agent's gap was not found"
    assert re.search(r"match +460\n +rate +1\n +compared +461\n", after), after
    assert '"app": "24", "our": "29"' in after
    assert "461 periods signed" in after


def test_the_cut_over_is_locked_until_it_is_proved_and_then_done_whole(story):
    locked = re.search(r"locked: (\d+) of 179 subscriptions are held", story)
    assert locked and int(locked[1]) > 100
    section = story.split("5. Cut over", 1)[1].split("6. Two more", 1)[0]
    assert "2 subscriptions had moved on to their next period" in section
    assert "178 subscriptions are billed here" in section
    assert re.search(r"receipt CUT/\d+, SHA-256 [0-9a-f]{64}", section)
    assert not shutil.which("chromium") or re.search(r"printed: [\d,]+ bytes", section)


def test_the_apps_own_billing_bills_nobody_that_was_cut_over(story):
    section = story.split("5. Cut over", 1)[1].split("6. Two more", 1)[0]
    ours = sum(row["service"] == "nexacloud" for row in EXPECTED)
    assert ours > 150
    told = f"the app bills 0 of {ours} invoices due by 2026-04-01: 178 cut over"
    assert told in section, section


def test_every_invoice_equals_the_apps_own_arithmetic(story):
    assert f"{len(EXPECTED)} invoices equal the apps' own arithmetic" in story


def test_the_agent_was_killed_and_nothing_was_lost_or_counted_twice(story):
    killed = re.search(r"kill -9 after ([\d,]+) counters", story)

    assert killed, "the agent was not killed"
    assert int(killed[1].replace(",", "")) > 0


def test_a_customer_without_a_province_is_held_with_the_reason(story):
    assert re.search(r"held \S+: .*province", story)


def test_mistakes_are_refused_or_parked_with_a_reason(story):
    assert re.search(r"wrong key\s+401", story)
    malformed = re.search(r"malformed event\s+422\s+(.*)", story)
    assert malformed, "the malformed event was not answered with 422"
    for field in ("external_subscription_id", "code", "timestamp", "properties"):
        assert f'"{field}"' in malformed[1]
    assert re.search(r"unknown metric\s+200\s+parked: unknown_metric", story)


def test_doing_it_all_again_creates_and_counts_nothing(story):
    row = story.split("import created", 1)[1].splitlines()[2].split()

    created, updated, accepted, duplicate, invoices = row
    assert (created, updated, accepted, invoices) == ("0", "0", "0", "0")
    assert int(duplicate.replace(",", "")) > 10_000


def test_every_webhook_was_verified_by_the_app_and_one_was_retried(story):
    section = story.split("Webhooks the apps received", 1)[1]
    rows = {line.split()[0]: line.split()[1:4] for line in section.splitlines() if "nexa" in line}

    assert all(sent == kept for sent, kept, _failed in rows.values())
    assert int(rows["nexacloud"][0]) > 100
    assert rows["nexamaps"][2] == "1"


def test_a_customer_whose_card_goes_bad_is_suspended_and_resumed(story):
    section = story.split("A card goes bad", 1)[1]
    told = [
        "Payment went through",
        "Charge declined",
        "Past Due → Suspended",
        "Command 1: Suspend",
        "The app confirmed command 1",
        "Suspended → Active",
        "Command 2: Resume",
        "The app confirmed command 2",
    ]
    places = [section.find(line) for line in told]

    assert -1 not in places, section
    assert places == sorted(places), section
    assert re.search(r"the whole of it: http://\S+/fusion-story", section)
