"""Odoo's states in Lago's words."""

STATUSES = {"draft": "draft", "posted": "finalized", "cancel": "voided"}
# Odoo says "in_payment" where a bank statement is still to confirm it, "reversed" when a credit
# note took the whole amount back: nothing is due in any of the three.
SETTLED = ("paid", "in_payment", "reversed")
