{
    "name": "PDF reports by Chromium",
    "summary": "Print reports with the Chromium on the machine where no patched wkhtmltopdf is",
    "version": "19.0.1.0.0",
    "category": "Hidden/Tools",
    "author": "Fusion Centralized Billing contributors",
    "license": "LGPL-3",
    "depends": ["web"],
}
