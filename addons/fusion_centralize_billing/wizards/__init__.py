from . import (
    api_key_wizard,
    app_invoice_import,
    compare,
    dunning_decision,
    import_nexacloud,
    payment_register,
    preview_wizard,
    reduce_wizard,
    refund_wizard,
    webhook_replay,
    what_if,
)
