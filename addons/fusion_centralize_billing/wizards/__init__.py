from . import api_key_wizard, import_nexacloud, reduce_wizard
