"""Build the world of the demo: two databases, a running Odoo, a signed-in operator."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from .. import databases, paths, postgres, runtime, server
from .rpc import OdooSession
from .world import World

DEMO_PASSWORD = server.PASSWORD


@contextmanager
def opened(port: int | None) -> Iterator[World]:
    """Yield the running demo; both databases stay behind until the next run takes their names."""
    ready = runtime.ensure()
    cluster = postgres.ensure()
    where = paths.current()
    nexacloud = databases.plain(cluster, databases.allocate(cluster, "nexacloud"))
    billing = databases.create(cluster, databases.allocate(cluster, "fusion_demo"))
    with server.start(cluster, billing, port=port) as running:
        yield World(
            repo=where.repo,
            python=ready.python,
            environment=where.environment(),
            cluster=cluster,
            nexacloud_db=nexacloud,
            odoo_db=billing,
            url=running.url,
            odoo=OdooSession(running.url, billing, server.LOGIN, server.PASSWORD),
        )
