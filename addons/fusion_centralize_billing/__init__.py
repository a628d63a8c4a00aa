from . import controllers, models, pipeline, wizards
from .controllers.exposed_key import mask_keys_in_logs

mask_keys_in_logs()
