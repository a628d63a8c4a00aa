"""The agent's TOML file: where the counters are, where they go, and which column means what."""

from __future__ import annotations

import os
import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)?")
_COLUMNS = ("subscription", "metric", "time", "quantity", "revision")


class ConfigError(Exception):
    """The file cannot be used; says which setting and why."""


@dataclass(frozen=True, slots=True)
class Table:
    """One table of counters. Names were checked: they may stand in a statement."""

    name: str
    subscription: str
    metric: str
    time: str
    quantity: str
    revision: str
    bucket: str = "hour"
    properties: dict[str, str] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Config:
    """What `load` read."""

    source: str
    queue: Path
    url: str
    key: str
    timezone: ZoneInfo
    tables: tuple[Table, ...]
    interval: float = 30.0
    batch: int = 100


def load(path: Path) -> Config:
    """Read the file.

    :raise ConfigError: something is absent or cannot be meant so.
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        return Config(
            source=raw["source"],
            queue=path.parent / raw.get("queue", "agent-queue.sqlite3"),
            url=str(raw["url"]).rstrip("/"),
            key=_key(raw, path.parent),
            timezone=ZoneInfo(raw.get("timezone", "UTC")),
            tables=tuple(_table(table) for table in raw["tables"]),
            interval=float(raw.get("interval_seconds", 30)),
            batch=int(raw.get("batch", 100)),
        )
    except KeyError as error:
        raise ConfigError(f"{path}: {error} is absent or unknown") from error
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path}: {error}") from error


def _key(raw: dict[str, Any], folder: Path) -> str:
    """The API key, from the file or the environment variable that the setting names."""
    if "key_file" in raw:
        return (folder / raw["key_file"]).read_text(encoding="utf-8").strip()
    variable = raw.get("key_env", "BILLING_KEY")
    if not os.environ.get(variable):
        raise ConfigError(f"no API key: set key_file, or the environment variable {variable}")
    return os.environ[variable]


def _table(raw: dict[str, Any]) -> Table:
    table = Table(
        name=raw["table"],
        **{column: raw["columns"][column] for column in _COLUMNS},
        bucket=raw.get("bucket", "hour"),
        properties=dict(raw.get("properties", {})),
        codes=dict(raw.get("codes", {})),
    )
    names = [table.name, *raw["columns"].values(), *table.properties.values()]
    if wrong := [name for name in names if not _NAME.fullmatch(name)]:
        raise ConfigError(f"{wrong[0]!r} is no table or column name")
    if table.bucket not in ("hour", "day"):
        raise ConfigError(f"bucket is hour or day, not {table.bucket!r}")
    return table
