"""Run other programs: captured, logged, stopped with us."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from .errors import CliError, NotPrepared

Command = Sequence[str | os.PathLike]


def capture(command: Command, *, env: Mapping[str, str] | None = None, stdin: str = "") -> str:
    """Run to the end and return standard output; a failure raises with its last lines."""
    try:
        done = subprocess.run(command, input=stdin, env=env, capture_output=True, text=True)
    except FileNotFoundError as reason:
        raise NotPrepared(f"The program {command[0]} was not found.") from reason
    if done.returncode:
        name = Path(command[0]).name
        raise CliError(f"{name} failed ({done.returncode}): {tail(done.stderr or done.stdout)}")
    return done.stdout


def logged(
    command: Command,
    log: Path,
    *,
    env: Mapping[str, str] | None = None,
    stdin: str | None = None,
    cwd: Path | None = None,
) -> int:
    """Run to the end with all output in ``log`` (appended) and return the exit code."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=env,
            cwd=cwd,
            preexec_fn=end_with_parent,
        )
        try:
            process.communicate((stdin or "").encode())
        finally:
            stop(process)
    return process.returncode


def stop(process: subprocess.Popen, patience: float = 20) -> None:
    """End one process of ours: ask, wait, then insist."""
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def wait_for_text(log: Path, text: str, process: subprocess.Popen, patience: float) -> bool:
    """Wait until a process has said something in its log. False: it ended, or the patience did."""
    deadline = time.monotonic() + patience
    while process.poll() is None and time.monotonic() < deadline:
        if log.exists() and text in log.read_text(errors="replace"):
            return True
        time.sleep(0.2)
    return False


def end_with_parent() -> None:
    """In a new child on Linux: be terminated when the command line is killed, even by -9."""
    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)


def tail(text: str, lines: int = 15) -> str:
    """Return the last lines of some output."""
    return "\n".join(text.strip().splitlines()[-lines:])


def tail_of(log: Path, lines: int = 25) -> str:
    """Return the last lines of a log file."""
    return tail(log.read_text(errors="replace"), lines) if log.exists() else ""


def free_port() -> int:
    """Return a TCP port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
