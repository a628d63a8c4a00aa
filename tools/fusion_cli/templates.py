"""Template databases, keyed by a hash of what they were built from.

Layer ``base``: Odoo, its Canadian chart, sales and Stripe, a company in Ontario.
Layer ``addon``: ``base`` with the project's addons installed.
Layer ``accounting``: ``addon`` with OCA's accounting addons and a sample of what they do.
"""

import contextlib
import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path

from . import (
    accounting,
    chromium,
    console,
    databases,
    locks,
    names,
    odoo_process,
    paths,
    python_env,
    runtime,
)
from .errors import CliError
from .postgres import Cluster

BASE_MODULES = "sale_management,payment_stripe,l10n_ca"
# The second is what nothing depends on.
ADDON_MODULES = f"{runtime.ADDON},{chromium.ADDON}"
_RECIPES = Path(__file__).parent / "recipes"
# Of each layer this many earlier ones are kept: two clones may share one FUSION_HOME.
_KEEP = 1
# Changing these does not change what a database holds.
_NOT_INSTALLED = {"tests", "__pycache__"}


@contextlib.contextmanager
def use(cluster: Cluster, layer: str) -> Iterator[str]:
    """Yield the name of the layer's template, building it first; it is not dropped meanwhile."""
    key, build = _layer(layer)
    name = names.tagged(cluster, f"fusion_template_{layer}_{key()}")
    lock = locks.FileLock(paths.current().run / f"template-{layer}.lock")
    try:
        lock.acquire(shared=True)
        while not databases.exists(cluster, name):
            # flock's change from shared to exclusive lets others in between: look again after it.
            if not lock.acquire(wait=False):
                console.say("- waiting for another run that is preparing databases ...")
                lock.acquire()
            if not databases.exists(cluster, name):
                _make(cluster, layer, name, build)
            lock.acquire(shared=True)
        _used_now(name)
        yield name
    finally:
        lock.release()


def key_of(layer: str) -> str:
    """Return the hash of what a layer is made of."""
    return _layer(layer)[0]()


def base_key() -> str:
    """Return the hash of what the base layer is made of."""
    at = paths.current()
    lock = python_env.lock_hash(at.repo / python_env.LOCK)
    recipe = (_RECIPES / "base.py").read_text()
    return _short(runtime.ensure().odoo.identity, lock, BASE_MODULES, recipe)


def addon_key() -> str:
    """Return the hash of the base layer and of every file of our addons but their tests."""
    digest = hashlib.sha256()
    for root in runtime.addons_path(paths.current().repo):
        for file in sorted(path for path in root.rglob("*") if path.is_file()):
            relative = file.relative_to(root)
            if not _NOT_INSTALLED.intersection(relative.parts):
                digest.update(f"{relative}\0".encode())
                digest.update(hashlib.sha256(file.read_bytes()).digest())
    recipe = (_RECIPES / "addon.py").read_text()
    return _short(base_key(), digest.hexdigest(), ADDON_MODULES, recipe)


def accounting_key() -> str:
    """Return the hash of the addon layer, the accounting addons and their sample."""
    lock = python_env.lock_hash(paths.current().repo / accounting.LOCK)
    recipe = (_RECIPES / "accounting.py").read_text()
    return _short(addon_key(), lock, accounting.MODULES, recipe)


def _layer(name: str) -> tuple[Callable[[], str], Callable[[Cluster, str], None]]:
    layers = {
        "base": (base_key, _build_base),
        "addon": (addon_key, _build_addon),
        "accounting": (accounting_key, _build_accounting),
    }
    if name not in layers:
        raise CliError(f"There is no template layer '{name}'.")
    return layers[name]


def _make(cluster: Cluster, layer: str, name: str, build: Callable[[Cluster, str], None]) -> None:
    """Build under another name and rename: a template that exists is complete."""
    partial = f"{name}_partial"
    build(cluster, partial)
    databases.copy_filestore(partial, name)
    cluster.psql(
        f"alter database {partial} rename to {name};\n"
        # Nobody may connect, because a template with sessions cannot be copied.
        f"alter database {name} is_template true allow_connections false"
    )
    databases.drop(cluster, partial)
    _forget_old(cluster, names.tagged(cluster, f"fusion_template_{layer}_"), name)


def _build_base(cluster: Cluster, name: str) -> None:
    databases.plain(cluster, name)
    with console.step("Preparing an Odoo database with a company in Ontario (a minute, once)"):
        odoo_process.install(cluster, name, BASE_MODULES)
        odoo_process.script(cluster, name, _RECIPES / "base.py")


def _build_addon(cluster: Cluster, name: str) -> None:
    databases.create(cluster, name, layer="base")
    with console.step("Installing the billing addon in a template database"):
        odoo_process.install(cluster, name, ADDON_MODULES)
        odoo_process.script(cluster, name, _RECIPES / "addon.py")


def _build_accounting(cluster: Cluster, name: str) -> None:
    databases.create(cluster, name, layer="addon")
    options = accounting.options()
    with console.step("Installing the accounting addons in a template database"):
        odoo_process.install(cluster, name, accounting.MODULES, **options)
    with console.step("Making a statement, a dunning letter and a report to look at"):
        odoo_process.script(cluster, name, _RECIPES / "accounting.py", **options)
        odoo_process.script(cluster, name, _RECIPES / "addon.py", **options)


def _uses() -> Path:
    return paths.current().run / "templates.json"


def _used_now(name: str) -> None:
    """Remember the order in which templates were used, the latest last."""
    with locks.exclusive(_uses().with_suffix(".lock")):
        order = [other for other in _order() if other != name]
        _uses().write_text(json.dumps([*order, name]))


def _order() -> list[str]:
    return json.loads(_uses().read_text()) if _uses().exists() else []


def _forget_old(cluster: Cluster, prefix: str, newest: str) -> None:
    """Drop all templates of a layer but the newest and the last used others."""
    order = _order()
    old = [
        name for name in databases.all_names(cluster) if name.startswith(prefix) and name != newest
    ]
    old.sort(key=lambda name: order.index(name) if name in order else -1)
    for name in old[: max(len(old) - _KEEP, 0)]:
        databases.drop(cluster, name)


def _short(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]
