"""Run Odoo's command line from the folder in FUSION_ODOO_PATH. A child process, not a module."""

import os
import sys

# This script's own folder would come first, and has modules with common names.
sys.path[0] = os.environ["FUSION_ODOO_PATH"]

import odoo.cli  # noqa: E402

if __name__ == "__main__":
    odoo.cli.main()
