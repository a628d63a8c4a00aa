"""Databases and their filestores: create from a template, drop, list."""

import os
import shutil
from pathlib import Path

from . import names, paths, templates
from .postgres import Cluster

# Older Odoo data must not be mistaken for a new database's: the uuid makes keys for payments.
_NEW_UUID = (
    "update ir_config_parameter set value = gen_random_uuid()::text where key = 'database.uuid'"
)


def allocate(cluster: Cluster, base: str, *, keep: bool = False) -> str:
    """Return a database name that is ours until this process ends.

    A database of that name left by an earlier run is dropped (nobody holds the name, so nobody
    uses it), unless ``keep``.
    """
    name = names.claim(names.tagged(cluster, base))
    if not keep:
        drop(cluster, name)
    return name


def create(cluster: Cluster, name: str, *, layer: str = "addon") -> str:
    """Make ``name`` a fresh copy of a template layer and return it.

    Layers: ``base`` is Odoo with a company in Ontario, ``addon`` has our addons on top, and
    ``accounting`` those and OCA's (start Odoo on it with ``accounting.options()``).
    """
    with templates.use(cluster, layer) as template:
        drop(cluster, name)
        cluster.psql(f"create database {name} template {template}")
        copy_filestore(template, name)
    cluster.psql(_NEW_UUID, name)
    return name


def plain(cluster: Cluster, name: str) -> str:
    """Make ``name`` an empty database and return it."""
    drop(cluster, name)
    cluster.psql(f"create database {name} template template0 encoding 'UTF8'")
    return name


def exists(cluster: Cluster, name: str) -> bool:
    """Tell whether there is such a database."""
    return name in all_names(cluster)


def all_names(cluster: Cluster) -> list[str]:
    """Return the names of all databases of the cluster."""
    return cluster.psql("select datname from pg_database order by 1").splitlines()


def drop(cluster: Cluster, name: str) -> None:
    """Remove a database, the sessions in it and its files, if it is there."""
    if exists(cluster, name):
        cluster.psql(f"alter database {name} is_template false;\ndrop database {name} with (force)")
    shutil.rmtree(filestore(name), ignore_errors=True)


def filestore(name: str) -> Path:
    """Return the folder of a database's attachments."""
    return paths.current().data / "filestore" / name


def copy_filestore(source: str, target: str) -> None:
    """Give ``target`` the files of ``source``. Odoo never changes one, so links are enough."""
    shutil.rmtree(filestore(target), ignore_errors=True)
    if filestore(source).exists():
        shutil.copytree(filestore(source), filestore(target), copy_function=_link)


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
