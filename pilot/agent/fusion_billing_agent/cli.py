"""The command line: ``fusion-billing-agent --config FILE run|once|backfill|seal|status|check``."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from datetime import date, datetime
from pathlib import Path

from .agent import Agent, wait
from .api import Api, Later, Locked
from .config import Config, ConfigError, load
from .counter import instant
from .seal import seal
from .source import SourceError, connect
from .store import Store


def entry() -> None:
    """Run and exit with `main`'s code."""
    sys.exit(main())


def main(arguments: Sequence[str] | None = None) -> int:
    """0 all well, 1 something was refused or does not agree, 2 stopped on the way."""
    options = _parser().parse_args(arguments)
    try:
        config = load(options.config)
        with closing(Store(config.queue)) as store:
            return COMMANDS[options.command](options, config, store)
    except (ConfigError, Later, Locked, SourceError) as error:
        print(f"stopped: {error}", file=sys.stderr)
        return 2


def _once(_options: argparse.Namespace, config: Config, store: Store) -> int:
    agent = _agent(config, store)
    with closing(connect(config.source)) as source:
        read = agent.read(source)
    confirmed = agent.push_patiently(tries=5)
    print(f"read {read}, confirmed {confirmed}")
    return _status(_options, config, store)


def _run(_options: argparse.Namespace, config: Config, store: Store) -> int:
    """Until it is ended. Trouble of either side is waited for, never died of."""
    agent, failures = _agent(config, store), 0
    while True:
        pause, reading = config.interval, None
        try:
            with closing(connect(config.source)) as source:
                agent.read(source)
        except SourceError as error:
            reading = error
        try:
            agent.push()
            failures = 0
        except Later as later:
            failures += 1
            pause = wait(failures, later.after)
            print(f"waiting {pause:.0f} s: {later}", file=sys.stderr, flush=True)
        if reading:
            print(f"the app's database: {reading}", file=sys.stderr, flush=True)
        time.sleep(pause)


def _backfill(options: argparse.Namespace, config: Config, store: Store) -> int:
    agent = _agent(config, store)
    with closing(connect(config.source)) as source:
        queued = agent.backfill(source, instant(options.start), instant(options.end))
    print(f"queued {queued}, confirmed {agent.push_patiently(tries=5)}")
    return _status(options, config, store)


def _seal(options: argparse.Namespace, config: Config, store: Store) -> int:
    agent, api = _agent(config, store), Api(config.url, config.key)
    start, end = period(options.period)
    with closing(connect(config.source)) as source:
        agent.read(source)
        agent.push_patiently(tries=5)
        answers = seal(config, source, api, start, end)
    wrong = [answer for answer in answers if answer["state"] != "matched"]
    print(f"sealed {len(answers) - len(wrong)} of {len(answers)}")
    for answer in wrong[:20]:
        print(answer, file=sys.stderr)
    return 1 if wrong else 0


def _status(_options: argparse.Namespace, config: Config, store: Store) -> int:
    counts = store.counts()
    print(", ".join(f"{name} {count}" for name, count in counts.items()))
    for table in config.tables:
        print(f"{table.name}: read up to revision {store.position(table.name)[0]}")
    for key, reason in store.reasons():
        print(f"put aside: {key}: {reason}")
    return 1 if counts["aside"] or counts["unreadable"] else 0


def _check(_options: argparse.Namespace, config: Config, _store: Store) -> int:
    """Connection, columns and key; nothing is pushed."""
    with closing(connect(config.source)) as source:
        for table in config.tables:
            mark, _horizon = source.mark(table)
            source.after(table, max(mark - 1, 0), mark)
            print(f"{table.name}: readable, revision {mark}")
    answer = Api(config.url, config.key).get("/subscriptions", per_page=1)
    print(f"billing API: HTTP {answer.status}")
    return 0 if answer.ok else 1


def _retry(options: argparse.Namespace, config: Config, store: Store) -> int:
    print(f"trying {store.again()} again")
    return _once(options, config, store)


COMMANDS = {
    "run": _run, "once": _once, "backfill": _backfill, "seal": _seal, "status": _status,
    "check": _check, "retry": _retry,
}  # fmt: skip


def period(text: str) -> tuple[date, date]:
    """``2026-03`` or ``2026-03-15/2026-04-15``, the end excluded, as two days."""
    if "/" in text:
        start, _, end = text.partition("/")
        return date.fromisoformat(start), date.fromisoformat(end)
    start = date.fromisoformat(f"{text}-01")
    return start, date(start.year + start.month // 12, start.month % 12 + 1, 1)


def _agent(config: Config, store: Store) -> Agent:
    return Agent(config, store, Api(config.url, config.key))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="fusion-billing-agent", description=__doc__)
    parser.add_argument("--config", type=Path, default=Path("agent.toml"))
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("run", help="read and push until ended")
    commands.add_parser("once", help="read and push what is there")
    commands.add_parser("status", help="what waits and what was put aside")
    commands.add_parser("check", help="connection, columns and key; pushes nothing")
    commands.add_parser("retry", help="push again what was put aside")
    again = commands.add_parser("backfill", help="push the rows of a time again")
    again.add_argument("--from", dest="start", required=True, type=datetime.fromisoformat)
    again.add_argument("--to", dest="end", required=True, type=datetime.fromisoformat)
    closed = commands.add_parser("seal", help="close a period")
    closed.add_argument("--period", required=True, help="2026-03, or 2026-03-15/2026-04-15")
    return parser
