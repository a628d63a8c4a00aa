from . import api_key_wizard
from . import import_nexacloud
