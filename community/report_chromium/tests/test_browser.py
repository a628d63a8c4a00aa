"""The process: its time limit, its folder, its environment."""

import os
import stat
import tempfile
import time
from pathlib import Path
from unittest.mock import patch

from odoo.tests import TransactionCase, tagged

from .. import browser


@tagged("post_install", "-at_install")
class TestBrowser(TransactionCase):
    def setUp(self) -> None:
        super().setUp()
        # The tests may run in a deep folder, so that this one is made where the browser's would be.
        with browser._folder() as short:
            parent = Path(short).parent
        folder = tempfile.TemporaryDirectory(prefix="rc.", dir=parent)
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.startPatcher(patch.object(tempfile, "tempdir", folder.name))

    def script(self, text: str) -> str:
        """A browser that does what the shell script says."""
        file = self.folder / "browser"
        file.write_text(f"#!/bin/sh\n{text}\n")
        file.chmod(file.stat().st_mode | stat.S_IXUSR)
        return str(file)

    def left(self) -> list[str]:
        return [path.name for path in self.folder.glob("report_chromium.*")]

    def test_a_real_page_becomes_a_pdf_and_nothing_is_left(self) -> None:
        pdf = browser.print_page(browser.find(), "<p>A page</p>")
        self.assertTrue(pdf.startswith(b"%PDF-"))
        self.assertEqual(self.left(), [])

    def test_a_page_is_printed_however_deep_the_temporary_folder_lies(self) -> None:
        deep = self.folder / ("deep" * 20)
        deep.mkdir()
        with patch.object(tempfile, "tempdir", str(deep)):
            pdf = browser.print_page(browser.find(), "<p>A page</p>")
        self.assertTrue(pdf.startswith(b"%PDF-"))
        self.assertEqual(list(deep.iterdir()), [])

    def test_without_any_short_folder_the_error_says_what_to_set(self) -> None:
        deep = self.folder / ("deep" * 20)
        deep.mkdir()
        with (
            patch.object(tempfile, "tempdir", str(deep)),
            patch.object(browser, "SHORT_FOLDERS", ()),
            self.assertRaisesRegex(browser.BrowserError, "set TMPDIR"),
        ):
            browser.print_page(browser.find(), "<p/>")

    def test_a_slow_browser_is_ended_with_its_children(self) -> None:
        noted = self.folder / "child"
        slow = self.script(f"sleep 600 & echo $! > {noted}; wait")
        with self.assertRaisesRegex(browser.BrowserError, "too long"):
            browser.print_page(slow, "<p/>", time_limit=2)
        self.assertFalse(self.runs(int(noted.read_text())))
        self.assertEqual(self.left(), [])

    def runs(self, process: int) -> bool:
        """Whether a process computes; one that nobody has buried yet does not."""
        deadline = time.monotonic() + 10
        status = Path(f"/proc/{process}/stat")
        while time.monotonic() < deadline:
            if not status.exists() or status.read_text().rsplit(")", 1)[1].split()[0] == "Z":
                return False
        return True

    def test_a_browser_that_makes_nothing_is_an_error_with_its_words(self) -> None:
        with self.assertRaisesRegex(browser.BrowserError, "no display"):
            browser.print_page(self.script("echo no display >&2; exit 1"), "<p/>")
        self.assertEqual(self.left(), [])

    def test_the_browser_sees_no_password_of_the_server(self) -> None:
        telling = self.script(
            'for a in "$@"; do case $a in --print-to-pdf=*) env > "${a#*=}";; esac; done'
        )
        with patch.dict(os.environ, {"PGPASSWORD": "secret"}):
            seen = browser.print_page(telling, "<p/>").decode()
        self.assertIn("HOME=", seen)
        self.assertNotIn("secret", seen)

    def test_no_more_browsers_than_places(self) -> None:
        deadline = time.monotonic() + 5
        refused = self.assertRaisesRegex(browser.BrowserError, "Too many")
        with browser._slot(deadline), browser._slot(deadline), refused:
            browser.print_page(self.script("exit 1"), "<p/>", time_limit=0.2)
