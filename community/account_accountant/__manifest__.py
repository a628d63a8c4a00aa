{
    "name": "Accounting base (Community stand-in)",
    "summary": "The group chain and the deferral dates that other addons expect, and nothing else",
    "version": "19.0.1.0.0",
    "category": "Accounting/Accounting",
    "author": "Fusion Centralized Billing contributors",
    "license": "LGPL-3",
    "depends": ["account"],
    "data": ["security/account_groups.xml"],
}
