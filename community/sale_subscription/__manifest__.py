{
    "name": "Subscriptions (Community stand-in)",
    "summary": "Recurring orders, invoiced every period from the order itself",
    "description": """
A clean-room stand-in for the module of this name, written from public documentation and Community
source only. It gives Odoo Community the public behaviour that third-party addons rely on: recurring
plans, recurring prices, subscriptions that invoice themselves each period, pause and close.
Leave it off the addons path wherever Odoo Enterprise is installed.
""",
    "version": "19.0.1.0.0",
    "category": "Sales/Subscriptions",
    "author": "Fusion Centralized Billing contributors",
    "license": "LGPL-3",
    "depends": ["sale_management", "mail", "account", "account_accountant"],
    "data": [
        "security/ir.model.access.csv",
        "security/record_rules.xml",
        "data/sale_order_close_reason.xml",
        "data/sale_subscription_plan.xml",
        "data/ir_cron.xml",
        "views/product_pricelist_item_views.xml",
        "views/product_template_views.xml",
        "views/sale_order_close_reason_views.xml",
        "wizards/sale_subscription_close_views.xml",
        "views/sale_order_template_views.xml",
        "views/sale_order_views.xml",
        "views/sale_subscription_plan_views.xml",
        "views/menus.xml",
    ],
    "application": True,
    "installable": True,
}
