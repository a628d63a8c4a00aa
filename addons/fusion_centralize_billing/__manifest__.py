{
    "name": "Fusion Centralized Billing",
    "summary": "One billing engine for every app: usage, rating, invoices and proof",
    "version": "19.0.1.0.0",
    "category": "Accounting/Subscriptions",
    "author": "Fusion",
    "license": "LGPL-3",
    "depends": [
        "account_accountant",
        "sale_subscription",
        "sale_management",
        "payment_stripe",
    ],
    "external_dependencies": {"python": ["pydantic"]},
    "data": [
        "security/groups.xml",
        "security/ir.model.access.csv",
        "security/rules.xml",
        "views/api_key_wizard_views.xml",
    ],
    "application": True,
    "installable": True,
}
