"""File locks. The kernel drops them when a process ends, however it ends."""

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path

from . import console


class FileLock:
    """An advisory lock on a file that stays; held until ``release`` or the end of the process."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        # Not inherited by children (PEP 446): an orphan must not keep a lock alive.
        self._file = path.open("a")

    def acquire(self, *, shared: bool = False, wait: bool = True) -> bool:
        """Take the lock, or change between shared and exclusive. False: others hold it."""
        flags = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        try:
            fcntl.flock(self._file, flags if wait else flags | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def release(self) -> None:
        """Give the lock up."""
        self._file.close()


@contextlib.contextmanager
def exclusive(path: Path, waiting_for: str = "") -> Iterator[None]:
    """Hold ``path`` alone for the duration of the block; say so when there is a queue."""
    lock = FileLock(path)
    if not lock.acquire(wait=False):
        if waiting_for:
            console.say(f"- waiting for another run that is {waiting_for} ...")
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


@contextlib.contextmanager
def shared(path: Path) -> Iterator[None]:
    """Hold ``path`` together with others for the duration of the block."""
    lock = FileLock(path)
    lock.acquire(shared=True)
    try:
        yield
    finally:
        lock.release()
