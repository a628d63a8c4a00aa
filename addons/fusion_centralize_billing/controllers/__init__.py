from . import customers
from . import events
from . import health
from . import invoices
from . import ir_http
from . import plans
from . import subscriptions
from . import unknown
