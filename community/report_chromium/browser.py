"""Run a headless Chromium on one file: no network, no scripts, a time limit, nothing left over."""

import contextlib
import fcntl
import os
import resource
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from odoo.tools import config

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Seconds for one document, the wait for a free browser included.
TIME_LIMIT = 60
# A browser takes about 300 MB: all workers of this server together run so many at a time.
AT_A_TIME = 2
PREFIX = "report_chromium."
# Where to go when TMPDIR lies too deep.
SHORT_FOLDERS = ("/tmp", "/var/tmp", "/dev/shm")
# The kernel takes 107 bytes for a socket's path, and Chromium ends when its own is longer:
# <parent>/report_chromium.abcdefgh/org.chromium.Chromium.ABCDEF/SingletonSocket.
LONGEST_PARENT = 107 - len("/report_chromium.abcdefgh/org.chromium.Chromium.ABCDEF/SingletonSocket")
_FLAGS = (
    "--headless",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
    "--no-pdf-header-footer",
    "--metrics-recording-only",
    # The page's policy forbids loading anything; this keeps the browser itself at home too.
    "--host-resolver-rules=MAP * ~NOTFOUND",
)


class BrowserError(Exception):
    """Chromium made no PDF; the message is what it said last."""


def find() -> str | None:
    """Return the path of the Chromium on PATH, the one that Odoo's tours use too."""
    return next(filter(None, map(shutil.which, NAMES)), None)


def print_page(browser: str, page: str, *, time_limit: float = TIME_LIMIT) -> bytes:
    """Return the PDF of an HTML document that brings along all it needs.

    :param time_limit: seconds
    :raise BrowserError: Chromium failed, or was ended for taking too long
    """
    deadline = time.monotonic() + time_limit
    with _slot(deadline), _folder() as name:
        folder = Path(name)
        (folder / "page.html").write_text(page, encoding="utf-8")
        said = _run(browser, folder, deadline, sandbox=os.geteuid() != 0)
        if "No usable sandbox" in said:  # containers often forbid what the sandbox needs
            said = _run(browser, folder, deadline, sandbox=False)
        target = folder / "page.pdf"
        if not target.exists():
            raise BrowserError(said[-1000:])
        return target.read_bytes()


def _folder() -> tempfile.TemporaryDirectory:
    """A private folder for one document, at a path that leaves room for the browser's socket.

    :raise BrowserError: no folder for temporary files has a short enough path
    """
    for parent in (tempfile.gettempdir(), *SHORT_FOLDERS):
        if len(os.fsencode(parent)) <= LONGEST_PARENT and os.access(parent, os.W_OK | os.X_OK):
            return tempfile.TemporaryDirectory(prefix=PREFIX, dir=parent)
    raise BrowserError(
        f"Chromium's socket needs a folder for temporary files whose path is at most "
        f"{LONGEST_PARENT} bytes long: set TMPDIR, now {tempfile.gettempdir()}."
    )


def _run(browser: str, folder: Path, deadline: float, *, sandbox: bool) -> str:
    """Return what the browser said, once it and its children have ended."""
    process = subprocess.Popen(
        [
            browser,
            *_FLAGS,
            *(() if sandbox else ("--no-sandbox",)),
            f"--user-data-dir={folder / 'profile'}",
            f"--print-to-pdf={folder / 'page.pdf'}",
            (folder / "page.html").as_uri(),
        ],
        # Passwords of the server's environment are no business of a browser.
        env={"PATH": os.environ.get("PATH", ""), "HOME": str(folder), "TMPDIR": str(folder)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        start_new_session=True,
        preexec_fn=_lift_memory_limit,
    )
    try:
        return process.communicate(timeout=max(deadline - time.monotonic(), 0.01))[1]
    except subprocess.TimeoutExpired as error:
        raise BrowserError("It took too long and was ended.") from error
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def _lift_memory_limit() -> None:
    """Odoo caps its address space; Chromium reserves far more than it uses, and would die."""
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    resource.setrlimit(resource.RLIMIT_AS, (hard, hard))


@contextlib.contextmanager
def _slot(deadline: float) -> Iterator[None]:
    """Wait for one of the places that all workers share; the kernel frees a dead worker's."""
    folder = Path(config["data_dir"])
    folder.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        files = [
            stack.enter_context((folder / f"report_chromium_{number}.lock").open("w"))
            for number in range(AT_A_TIME)
        ]
        while not any(_locked(file) for file in files):
            if time.monotonic() > deadline:
                raise BrowserError("Too many documents are being printed; try again later.")
            time.sleep(0.05)
        yield


def _locked(file) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
