"""The Chromium of the machine, which prints Odoo's PDFs: by an addon that nothing depends on.

Without a Chromium the addon leaves printing to Odoo.
"""

import shutil

ADDON = "report_chromium"
# The names that the addon and Odoo's tours look for.
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find() -> str | None:
    """Return the path of the first Chromium on ``PATH``."""
    return next(filter(None, map(shutil.which, NAMES)), None)


def words() -> str:
    """Say in one line how PDFs are printed."""
    browser = find()
    if browser:
        return f"printed by {browser}, unless a patched wkhtmltopdf is installed"
    return "printed where wkhtmltopdf is installed: no Chromium on PATH"
