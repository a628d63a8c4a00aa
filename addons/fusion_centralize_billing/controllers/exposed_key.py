"""A key belongs into the Authorization header: elsewhere it is refused, and masked in the logs.

Addresses end up in access logs of proxies, in browsers' histories and in error reports; bodies in
the logs of whoever debugs an app. A key that was there is no secret any more.
"""

import logging
import re
from urllib.parse import unquote

from odoo.http import request

from .errors import KeyExposed

_logger = logging.getLogger(__name__)

# `fbk_<service code>_<43 characters>`. What is cut short or spelled with %5F is masked as well.
KEY = re.compile(r"fbk_[a-z0-9][a-z0-9_-]{0,31}_[A-Za-z0-9_-]{43}")
SPELLED = re.compile(r"fbk(?:_|%5[fF])(?:[A-Za-z0-9_-]|%[0-9A-Fa-f]{2}){16,}")
SHOWN = 9
# Where addresses and values are logged. Records of loggers below them pass the handlers' filter.
LOGGERS = ("werkzeug", "longpolling", "odoo.http", "odoo.sql_db", __name__)


def refuse_key_in_url() -> None:
    """:raises KeyExposed: path or query hold something that looks like a key."""
    http = request.httprequest
    if b"fbk" in http.query_string or "fbk" in http.path or b"%" in http.query_string:
        _refuse(f"{http.path}?{unquote(http.query_string.decode('latin-1'))}", "url")


def refuse_key_in_body(raw: bytes) -> None:
    """:raises KeyExposed: the body holds something that looks like a key."""
    if b"fbk_" in raw:
        _refuse(raw.decode("latin-1"), "body")


def _refuse(text: str, place: str) -> None:
    if found := KEY.search(text):
        _logger.warning(
            "An API key came in the %s of %s: %s. It is no secret any more: rotate and revoke it.",
            place,
            request.httprequest.method,
            mask(found[0]),
        )
        raise KeyExposed(place)


def mask(text: str) -> str:
    """Leave of each key as much as tells services apart.

    >>> mask("GET /plans?k=fbk_maps_" + 43 * "x" + "&page=2")
    'GET /plans?k=fbk_maps_***&page=2'
    """
    return SPELLED.sub(lambda found: f"{found[0][:SHOWN]}***", text)


class MaskKeys(logging.Filter):
    """Masks keys in a record's text and traceback before anybody writes it."""

    def filter(self, record: logging.LogRecord) -> bool:
        text = record.getMessage()
        if "fbk" in text:
            record.msg, record.args = mask(text), ()
        if record.exc_info and not record.exc_text:
            told = logging.Formatter().formatException(record.exc_info)
            if "fbk" in told:
                record.exc_text = mask(told)
        return True


_filter = MaskKeys()


def mask_keys_in_logs() -> None:
    """Filter what the known loggers get and what the handlers write. May be called again."""
    for name in LOGGERS:
        logging.getLogger(name).addFilter(_filter)
    for handler in logging.getLogger().handlers:
        handler.addFilter(_filter)
