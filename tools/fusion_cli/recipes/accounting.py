"""Run in an Odoo shell: show the accounting addons at work. ``env`` is given.

Everything is called Sample and has its date written out, so that it looks the same on any day.
"""

from odoo import Command

STATEMENT_DAY, LETTER_DAY = "2026-03-20", "2026-03-31"
company = env.company
hst = env.ref(f"account.{company.id}_hst_sale_tax_13")
receivable = company.partner_id.property_account_receivable_id
bank = env["account.journal"].search(
    [("type", "=", "bank"), ("company_id", "=", company.id)], limit=1
)


def customer(name, email):
    return env["res.partner"].create(
        {
            "name": f"Sample: {name}",
            "is_company": True,
            "email": email,
            "street": "1 Sample Street",
            "city": "Ottawa",
            "zip": "K1A 0A9",
            "country_id": env.ref("base.ca").id,
            "state_id": env.ref("base.state_ca_on").id,
        }
    )


def invoice(partner, day, due, amount):
    line = {"name": "Sample: hosting", "price_unit": amount, "tax_ids": [Command.set(hst.ids)]}
    move = env["account.move"].create(
        {
            "move_type": "out_invoice",
            "partner_id": partner.id,
            "invoice_date": day,
            "invoice_date_due": due,
            "invoice_line_ids": [Command.create(line)],
        }
    )
    move.action_post()
    return move


def show_full_accounting_screens():
    """Give the administrator the screens that Community hides, and the dunning ones."""
    # Without a layout the first letter would open a wizard instead.
    company.external_report_layout_id = env.ref("web.external_layout_standard")
    groups = (
        "account.group_account_user",
        "account_credit_control.group_account_credit_control_manager",
    )
    env.ref("base.user_admin").group_ids += env["res.groups"].union(*map(env.ref, groups))


def match_a_statement(paid, waiting):
    """Enter two transfers. One names its invoice and is matched; one is left for a person."""
    transfers = ((paid, paid.name), (waiting, "Transfer, thank you"))
    lines = [
        Command.create(
            {
                "journal_id": bank.id,
                "date": STATEMENT_DAY,
                "payment_ref": reference,
                "partner_id": move.partner_id.id,
                "amount": move.amount_total,
            }
        )
        for move, reference in transfers
    ]
    env["account.bank.statement"].create(
        {
            "name": "Sample: bank statement of 20 March 2026",
            "balance_start": 0,
            "balance_end_real": paid.amount_total + waiting.amount_total,
            "line_ids": lines,
        }
    )


def send_a_letter():
    """Run the policy of three reminders and print what it finds."""
    policy = env.ref("account_credit_control.credit_control_3_time")
    policy.account_ids = receivable
    run = env["credit.control.run"].create(
        {"date": LETTER_DAY, "policy_ids": [Command.set(policy.ids)]}
    )
    run.generate_credit_lines()
    run.set_to_ready_lines()
    env["credit.control.printer"].create(
        {"line_ids": [Command.set(run.line_ids.ids)]}
    ).print_lines()
    letter = run.line_ids.communication_id
    letter.report_date = LETTER_DAY
    return letter


def place(name, title, model, code):
    """Make an action with an address of its own, ``/odoo/action-fusion_sample.<name>``."""
    values = {"name": f"Sample: {title}", "state": "code", "code": code}
    action = env["ir.actions.server"].create({**values, "model_id": env["ir.model"]._get_id(model)})
    env["ir.model.data"]._update_xmlids([{"xml_id": f"fusion_sample.{name}", "record": action}])


def make_places(letter):
    """Give a person one click to each of the three."""
    place(
        "bank_statement",
        "bank statement of 20 March 2026",
        "account.journal",
        f"action = model.browse({bank.id}).open_action()\n"
        f"action['context'] = {{'active_id': {bank.id}, 'default_journal_id': {bank.id}, "
        "'view_ref': 'account_reconcile_oca.bank_statement_line_form_reconcile_view'}\n"
        f"action['domain'] = [('journal_id', '=', {bank.id})]",
    )
    place(
        "dunning_letter",
        "letter of 31 March 2026",
        "credit.control.communication",
        "report = env.ref('account_credit_control.credit_control_summary')\n"
        f"action = report.report_action({letter.ids}, config=False)\n"
        "action['report_type'] = 'qweb-html'",
    )
    place(
        "aged_receivables",
        "aged receivables at 31 March 2026",
        "aged.partner.balance.report.wizard",
        "wizard = model.create({\n"
        f"    'date_at': '{LETTER_DAY}',\n"
        f"    'account_ids': [Command.set({receivable.ids})],\n"
        "    'receivable_accounts_only': True,\n"
        "    'show_move_line_details': True,\n"
        "})\n"
        "action = wizard.button_export_html()",
    )


birch, cedar, maple = (
    customer("Birch Bakery", "birch@example.com"),
    customer("Cedar Clinic", "cedar@example.com"),
    customer("Maple Motors", "maple@example.com"),
)
show_full_accounting_screens()
match_a_statement(
    paid=invoice(birch, "2026-03-02", "2026-03-17", 200),
    waiting=invoice(cedar, "2026-03-05", "2026-04-04", 100),
)
invoice(maple, "2026-01-15", "2026-02-14", 1000)
invoice(maple, "2026-03-10", "2026-04-09", 300)
make_places(letter=send_a_letter())
env.cr.commit()
