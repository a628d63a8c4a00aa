from . import (
    api_key_wizard,
    import_nexacloud,
    payment_register,
    preview_wizard,
    reduce_wizard,
    webhook_replay,
    what_if,
)
