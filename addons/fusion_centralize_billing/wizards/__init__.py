from . import api_key_wizard, import_nexacloud, preview_wizard, reduce_wizard, what_if
