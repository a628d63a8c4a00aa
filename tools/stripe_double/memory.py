"""A file that keeps cards and payments from one run of a server to the next."""

import json
from pathlib import Path

from .ledger import Ledger

_KEPT = ("objects", "numbers", "events", "last")


class Memory:
    """Nothing is kept without a file. Idempotency keys and scripts are not."""

    def __init__(self, file: Path | None) -> None:
        self.file = file

    def recall(self, ledger: Ledger) -> None:
        """Fill a new ledger with what was kept."""
        if not self.file or not self.file.exists():
            return
        kept = json.loads(self.file.read_text())
        for name in _KEPT:
            setattr(ledger, name, kept[name])
        ledger.authenticated = set(kept["authenticated"])

    def keep(self, ledger: Ledger) -> None:
        """Write all of it, or leave the file as it was."""
        if not self.file:
            return
        with ledger.lock:
            kept = {name: getattr(ledger, name) for name in _KEPT}
            kept["authenticated"] = sorted(ledger.authenticated)
            new = self.file.with_suffix(".new")
            new.write_text(json.dumps(kept))
            new.replace(self.file)
