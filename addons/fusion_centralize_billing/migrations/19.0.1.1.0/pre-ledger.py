"""The ledger becomes partitioned: the flat table steps aside under another name."""


def migrate(cr, version: str | None) -> None:
    """Rename the flat table, so that the partitioned one can be made; rows move afterwards."""
    cr.execute(
        "SELECT FROM pg_class WHERE oid = to_regclass('fusion_billing_usage_event') "
        "AND relkind = 'r'"
    )
    if not cr.rowcount:
        return
    cr.execute("ALTER TABLE fusion_billing_usage_event RENAME TO fusion_billing_usage_event_flat")
    # The sequence serves the new table.
    cr.execute("ALTER SEQUENCE fusion_billing_usage_event_id_seq OWNED BY NONE")
    cr.execute("ALTER SEQUENCE fusion_billing_usage_event_id_seq AS bigint")
