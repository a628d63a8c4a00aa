{
    "name": "Bench: a bare controller",
    "summary": "What Odoo's HTTP layer costs by itself; only on the addons path of a measurement",
    "version": "19.0.1.0.0",
    "category": "Hidden",
    "author": "Fusion Centralized Billing contributors",
    "license": "LGPL-3",
    "depends": ["base"],
}
