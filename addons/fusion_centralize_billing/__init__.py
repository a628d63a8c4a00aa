from . import controllers, models, pipeline, wizards
