{
    "name": "Accounting base (Community stand-in)",
    "summary": "The group chain and the deferral dates that other addons expect, and nothing else",
    "description": """
A clean-room stand-in for the module of this name. It holds the few public names that third-party
addons lean on, so that they install and run on Odoo Community: start and end dates on journal
items, and the order of the accounting groups. It brings no bank reconciliation, no reports and no
deferred entries. Leave it off the addons path wherever Odoo Enterprise is installed.
""",
    "version": "19.0.1.0.0",
    "category": "Accounting/Accounting",
    "author": "Fusion Centralized Billing contributors",
    "license": "LGPL-3",
    "depends": ["account"],
    "data": ["security/account_groups.xml"],
    "installable": True,
}
