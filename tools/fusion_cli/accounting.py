"""The accounting addons that an operator may add: OCA's, at the versions of accounting.lock.

Most of them are AGPL-3. They are fetched when somebody asks for them, lie in a folder of their
own, and nothing of ours imports them or depends on them.
"""

import shutil
from pathlib import Path

from . import console, locks, paths, python_env, runtime

LOCK = "tools/accounting.lock"
MODULES = "account_reconcile_oca,account_credit_control,account_financial_report"

# Where to click first, once the sample of recipes/accounting.py is in: (what, action).
PLACES = (
    ("a bank statement: one line matched, one yours to match", "fusion_sample.bank_statement"),
    ("a dunning letter", "fusion_sample.dunning_letter"),
    ("aged receivables at 31 March 2026", "fusion_sample.aged_receivables"),
    ("dunning runs", "account_credit_control.credit_control_run"),
    ("aged receivables, any day", "account_financial_report.action_aged_partner_balance_wizard"),
)


def ensure() -> Path:
    """Fetch the addons once per lock file and return their folder, for the addons path."""
    at = paths.current()
    lock = at.repo / LOCK
    folder = at.oca / python_env.lock_hash(lock)
    if not folder.exists():
        python = runtime.ensure().python
        with locks.exclusive(at.oca / "oca.lock", "fetching the accounting addons"):
            if not folder.exists():
                _fetch(folder, python, lock)
    return folder / "odoo" / "addons"


def options() -> dict[str, str]:
    """Return the options of an Odoo that has them; our own addons come first on its path."""
    folders = [*runtime.addons_path(paths.current().repo), ensure()]
    return {"addons_path": ",".join(map(str, folders))}


def say_where_to_click(url: str) -> None:
    """Print the address of each thing that the sample shows."""
    for what, action in PLACES:
        console.say(f"  {url}/odoo/action-{action}  {what}")


def _fetch(folder: Path, python: Path, lock: Path) -> None:
    with console.step("Fetching the accounting addons (once)"):
        partial = folder.with_name("partial")
        shutil.rmtree(partial, ignore_errors=True)
        python_env.install(python, lock, "--no-deps", "--no-compile", "--target", partial)
        partial.rename(folder)
