"""Where each line of a customer's story comes from: one SELECT a kind, all of the same shape.

Every SELECT begins at rows that an index finds by their customer, so that the story of one customer
costs what that customer has, and nothing of it is stored twice.
"""

# In the order in which things of one instant follow from one another. The place is part of a
# line's id: append, never reorder.
KINDS = (
    "start", "invoice", "card", "overdue", "step", "mail", "charge", "payment", "paid", "refund",
    "credit", "case", "state", "command", "told", "alarm", "confirmed", "refused", "end",
)  # fmt: skip
SPAN = 32  # ids of one record lie this far apart
COLUMNS = (
    "id", "kind", "instant", "recorded_at", "rank", "partner_id", "company_id", "service_id",
    "order_id", "move_id", "currency_id", "amount", "name", "note", "code", "outcome", "day",
    "res_model", "res_id",
)  # fmt: skip
TYPES = {
    "instant": "timestamp", "recorded_at": "timestamp", "partner_id": "int4",
    "company_id": "int4", "service_id": "int4", "order_id": "int4", "move_id": "int4",
    "currency_id": "int4", "amount": "numeric", "name": "varchar", "note": "varchar",
    "code": "varchar", "outcome": "varchar", "day": "date", "res_id": "int4",
}  # fmt: skip


def clocked(real: str, service: str) -> str:
    """What the service's clock said at a real instant: the same, or a test clock's."""
    return f"""COALESCE((
        SELECT turn.test_clock FROM fusion_billing_service_clock AS turn
        WHERE turn.service_id = {service} AND turn.set_at <= {real}
        ORDER BY turn.set_at DESC, turn.id DESC LIMIT 1), {real})"""


def line(kind: str, source: str, *, record: str, model: str, **values: str) -> str:
    """One SELECT. ``record``: the SQL of the id that tells its lines apart."""
    place = KINDS.index(kind)
    values = {
        "id": f"{record}::bigint * {SPAN} + {place}",
        "kind": f"'{kind}'::varchar",
        "rank": str(place),
        "res_model": f"'{model}'::varchar",
        "res_id": record,
        **values,
    }
    values.setdefault("instant", clocked(values["recorded_at"], values.get("service_id", "NULL")))
    chosen = (
        f"({values.get(name, 'NULL')})" + (f"::{TYPES[name]}" if name in TYPES else "")
        for name in COLUMNS
    )
    return (
        "SELECT "
        + ", ".join(f"{sql} AS {n}" for sql, n in zip(chosen, COLUMNS, strict=True))
        + " "
        + source
    )


MOVE_ORDER = """(SELECT min(item.subscription_id) FROM account_move_line AS item
    WHERE item.move_id = move.id AND item.subscription_id IS NOT NULL)"""
MOVES = """FROM account_move AS move
    JOIN res_partner AS who ON who.id = move.partner_id"""
MOVE = {
    "partner_id": "who.commercial_partner_id",
    "company_id": "move.company_id",
    "service_id": "move.x_fc_service_id",
    "order_id": MOVE_ORDER,
    "move_id": "move.id",
    "currency_id": "move.currency_id",
    "name": "move.name",
}
ORDERS = """JOIN res_partner AS who ON who.id = sub.partner_id"""
ORDER = {
    "partner_id": "who.commercial_partner_id",
    "company_id": "sub.company_id",
    "service_id": "sub.x_fc_service_id",
    "order_id": "sub.id",
    "name": "sub.name",
}


def invoices() -> list[str]:
    """Posted, overdue, paid, and credited."""
    # The morning after the due date, where the service is.
    late = """((move.invoice_date_due + 1)::timestamp
        AT TIME ZONE COALESCE(app.timezone, 'America/Toronto')) AT TIME ZONE 'UTC'"""
    settled = """(SELECT max(part.create_date) AS at, max(part.max_date) AS on_day
        FROM account_partial_reconcile AS part
        JOIN account_move_line AS item ON item.id = part.debit_move_id
        WHERE item.move_id = move.id)"""
    is_ours = "move.state = 'posted' AND move.move_type = 'out_invoice'"
    day = clocked("settled.at", "move.x_fc_service_id")
    invoice = {"record": "move.id", "model": "account.move", **MOVE}
    return [
        line("invoice", f"{MOVES} WHERE {is_ours}", **invoice, recorded_at="move.create_date",
             amount="move.amount_total", outcome="move.payment_state",
             day="move.invoice_date_due"),
        line("credit", f"{MOVES} WHERE move.state = 'posted' AND move.move_type = 'out_refund'",
             **invoice, recorded_at="move.create_date", amount="move.amount_total",
             note="move.ref"),
        line("paid", f"""{MOVES} CROSS JOIN LATERAL {settled} AS settled
             WHERE {is_ours} AND move.payment_state IN ('paid', 'in_payment')
             AND settled.at IS NOT NULL""", **invoice, recorded_at="settled.at",
             amount="move.amount_total"),
        # Also what was paid since, if that was late.
        line("overdue", f"""{MOVES} LEFT JOIN fusion_billing_service AS app
             ON app.id = move.x_fc_service_id CROSS JOIN LATERAL {settled} AS settled
             WHERE {is_ours}
             AND {late} <= COALESCE(app.test_clock, now() AT TIME ZONE 'UTC')
             AND (move.payment_state IN ('not_paid', 'partial')
                  OR LEAST({day}, settled.on_day + interval '12 hours') > {late})""",
             **invoice, recorded_at=late, instant=late, amount="move.amount_total",
             day="move.invoice_date_due"),
    ]  # fmt: skip


def money() -> list[str]:
    """Cards, charges, payments and refunds."""
    first = "SELECT min(rel.invoice_id) FROM account_invoice_transaction_rel AS rel"
    payments = f"""FROM account_payment AS pay
        JOIN res_partner AS who ON who.id = pay.partner_id
        LEFT JOIN account_move AS move ON move.id = COALESCE(pay.x_fc_invoice_id,
            (SELECT min(paid.invoice_id) FROM account_move__account_payment AS paid
             WHERE paid.payment_id = pay.id),
            ({first} WHERE rel.transaction_id = pay.payment_transaction_id))
        WHERE pay.state <> 'draft' AND pay.partner_type = 'customer'"""
    payment = {
        **MOVE, "record": "pay.id", "model": "account.payment", "company_id": "pay.company_id",
        "currency_id": "pay.currency_id", "amount": "pay.amount", "outcome": "pay.state",
        "note": "move.name", "recorded_at": "pay.create_date", "name": "pay.name",
        "code": "COALESCE(pay.x_fc_reference, pay.payment_reference, pay.memo)",
    }  # fmt: skip
    return [
        line("charge", f"""{MOVES} JOIN account_invoice_transaction_rel AS paid
             ON paid.invoice_id = move.id JOIN payment_transaction AS try
             ON try.id = paid.transaction_id LEFT JOIN payment_token AS card
             ON card.id = try.token_id
             WHERE COALESCE(try.operation, '') <> 'refund' AND move.id = ({first}
             WHERE rel.transaction_id = try.id)""", record="try.id", model="payment.transaction",
             **(MOVE | {"name": "card.payment_details"}), recorded_at="try.create_date",
             amount="try.amount", note="move.name",
             code="""NULLIF(concat_ws('/', COALESCE(try.charge_decline_code, try.charge_code),
                 try.charge_advice_code), '')""",
             outcome="COALESCE(try.charge_outcome, try.state)"),
        line("card", """FROM payment_token AS card JOIN res_partner AS who
             ON who.id = card.partner_id LEFT JOIN LATERAL (
                 SELECT max(sub.x_fc_service_id) AS service_id FROM sale_order AS sub
                 WHERE sub.partner_id = who.id) AS had ON TRUE""", record="card.id",
             model="payment.token", partner_id="who.commercial_partner_id",
             company_id="card.company_id", service_id="had.service_id",
             recorded_at="card.create_date", name="card.payment_details"),
        line("payment", f"{payments} AND pay.payment_type = 'inbound'", **payment),
        line("refund", f"{payments} AND pay.payment_type = 'outbound'", **payment),
    ]  # fmt: skip


def mails() -> list[str]:
    """What was mailed about a case, an invoice or a subscription."""
    kept = """LEFT JOIN LATERAL (SELECT min(post.state) AS state, min(post.email_to) AS email_to
        FROM mail_mail AS post WHERE post.mail_message_id = text.id) AS post ON TRUE"""
    mailed = """text.message_type = 'email_outgoing' OR EXISTS (
        SELECT FROM mail_notification AS seen WHERE seen.mail_message_id = text.id
        AND seen.notification_type = 'email' AND seen.res_partner_id = who.id)"""
    mail = {"record": "text.id", "recorded_at": "text.create_date", "outcome": "post.state",
            "note": "text.subject", "code": "post.email_to"}  # fmt: skip
    return [
        line("mail", f"""FROM fusion_billing_dunning_case AS owes
             JOIN sale_order AS sub ON sub.id = owes.order_id {ORDERS} JOIN mail_message AS text
             ON text.model = 'fusion.billing.dunning.case' AND text.res_id = owes.id {kept}
             WHERE {mailed}""", model="mail.message", **(ORDER | mail)),
        line("mail", f"""{MOVES} JOIN mail_message AS text ON text.model = 'account.move'
             AND text.res_id = move.id {kept}
             WHERE move.move_type IN ('out_invoice', 'out_refund') AND ({mailed})""",
             model="mail.message", **(MOVE | mail)),
        line("mail", f"""FROM sale_order AS sub {ORDERS} JOIN mail_message AS text
             ON text.model = 'sale.order' AND text.res_id = sub.id {kept}
             WHERE sub.is_subscription AND ({mailed})""",
             model="mail.message", **(ORDER | mail)),
    ]  # fmt: skip


def enforcement() -> list[str]:
    """Steps of the policy, the end of a case, changes of state."""
    cases = f"""FROM fusion_billing_dunning_case AS owes
        JOIN sale_order AS sub ON sub.id = owes.order_id {ORDERS}"""
    return [
        line("step", f"{cases} JOIN fusion_billing_dunning_action AS did ON did.case_id = owes.id",
             record="did.id", model="fusion.billing.dunning.action", **ORDER,
             recorded_at="did.create_date", instant="did.done_at", note="did.note",
             code="did.action", outcome="did.outcome"),
        line("case", f"{cases} WHERE owes.state <> 'open'", record="owes.id",
             model="fusion.billing.dunning.case", **ORDER, recorded_at="owes.write_date",
             instant="owes.closed_at", outcome="owes.state"),
        line("state", f"""FROM fusion_billing_state_change AS turn
             JOIN sale_order AS sub ON sub.id = turn.order_id {ORDERS}""", record="turn.id",
             model="fusion.billing.state.change", **ORDER, recorded_at="turn.create_date",
             instant="turn.changed_at", note="turn.reason", code="turn.before",
             outcome="turn.after"),
        line("start", f"""FROM sale_order AS sub {ORDERS}
             WHERE sub.x_fc_started_at IS NOT NULL AND sub.state = 'sale'""", record="sub.id",
             model="sale.order", **ORDER, recorded_at="sub.x_fc_started_at",
             instant="sub.x_fc_started_at", note="sub.x_fc_external_id"),
        line("end", f"""FROM sale_order AS sub {ORDERS}
             WHERE sub.x_fc_terminated_at IS NOT NULL""", record="sub.id", model="sale.order",
             **ORDER, recorded_at="sub.x_fc_terminated_at", instant="sub.x_fc_terminated_at",
             note="sub.x_fc_external_id"),
    ]  # fmt: skip


def commands() -> list[str]:
    """Issued, told, alarmed about, confirmed or refused."""
    source = f"""FROM fusion_billing_command AS ask
        JOIN sale_order AS sub ON sub.id = ask.order_id {ORDERS}"""
    command = {"record": "ask.id", "model": "fusion.billing.command", **ORDER,
               "name": "ask.number::varchar", "code": "ask.command"}  # fmt: skip
    told = """JOIN fusion_billing_command_fusion_billing_webhook_rel AS rel
        ON rel.fusion_billing_command_id = ask.id
        JOIN fusion_billing_webhook AS hook ON hook.id = rel.fusion_billing_webhook_id
        LEFT JOIN LATERAL (
            SELECT bool_and(post.state = 'delivered') AS arrived,
                   bool_or(post.state = 'failed') AS failed, max(post.last_error) AS error
            FROM fusion_billing_webhook_delivery AS post WHERE post.webhook_id = hook.id
        ) AS post ON TRUE"""
    return [
        line("command", source, **command, recorded_at="ask.create_date",
             instant="ask.issued_at", note="ask.reason", outcome="ask.state"),
        line("told", f"{source} {told}", **(command | {"record": "hook.id",
             "model": "fusion.billing.webhook"}), recorded_at="hook.create_date",
             note="post.error", outcome="""CASE WHEN post.failed THEN 'failed'
             WHEN post.arrived THEN 'delivered' ELSE 'pending' END"""),
        line("alarm", f"{source} WHERE ask.alarmed_at IS NOT NULL", **command,
             recorded_at="ask.alarmed_at", instant="ask.alarmed_at"),
        line("confirmed", f"{source} WHERE ask.state = 'confirmed'", **command,
             recorded_at="ask.write_date", instant="ask.confirmed_at",
             outcome="ask.confirmed_state"),
        line("refused", f"{source} WHERE ask.refusal IS NOT NULL", **command,
             recorded_at="ask.write_date", instant="ask.confirmed_at", note="ask.refusal"),
    ]  # fmt: skip


def query() -> str:
    """The whole story of everybody; whoever reads it asks for one customer."""
    return "\nUNION ALL\n".join([*invoices(), *money(), *mails(), *enforcement(), *commands()])
