"""The Chromium of the machine, which prints Odoo's PDFs: by an addon that nothing depends on."""

import shutil

ADDON = "report_chromium"
# The names that the addon and Odoo's tours look for.
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find() -> str | None:
    """Return the path of the first Chromium on ``PATH``."""
    return next(filter(None, map(shutil.which, NAMES)), None)


def with_addon(modules: str) -> str:
    """Return the modules to install on this machine, separated by commas.

    >>> with_addon("a,b").split(",")[:2]
    ['a', 'b']
    """
    return f"{modules},{ADDON}" if find() else modules


def words() -> str:
    """Say in one line how PDFs are printed."""
    browser = find()
    if browser:
        return f"printed by {browser}, unless a patched wkhtmltopdf is installed"
    return "printed where wkhtmltopdf is installed: no Chromium on PATH"
