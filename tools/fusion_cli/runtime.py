"""Odoo and its Python environment, ready to run."""

import functools
from dataclasses import dataclass
from pathlib import Path

from . import odoo_source, paths, python_env

ADDON = "fusion_centralize_billing"
OUR_ADDONS = f"account_accountant,sale_subscription,{ADDON}"


@dataclass(frozen=True)
class Runtime:
    """An interpreter with every dependency, and an Odoo 19 for it."""

    python: Path
    odoo: odoo_source.Odoo

    def odoo_command(self) -> list[str]:
        """Return the beginning of a command line that runs Odoo's own commands."""
        return [str(self.python), str(Path(__file__).with_name("odoo_main.py"))]

    def environment(self) -> dict[str, str]:
        """Return the environment of an Odoo process."""
        return {**paths.current().environment(), "FUSION_ODOO_PATH": str(self.odoo.path)}


@functools.cache
def ensure(*, gates: bool = False) -> Runtime:
    """Prepare (once) and return the runtime."""
    python = python_env.ensure(gates=gates)
    return Runtime(python, odoo_source.ensure(python))


def addons_path(repo: Path) -> list[Path]:
    """Return the project's addon folders, the Community stand-ins last."""
    return [
        folder
        for folder in (repo / "addons", repo / "community")
        if any(folder.glob("*/__manifest__.py"))
    ]
