"""What a report refers to, as text to put into its page: styles, fonts and pictures."""

import base64
import mimetypes
import re
from urllib.parse import parse_qs, urlsplit

from lxml import html

from odoo import models
from odoo.exceptions import AccessError, MissingError
from odoo.tools import file_open

_FACE = re.compile(r"@font-face\s*{[^}]*}")
_FAMILY = re.compile(r"font-family:\s*['\"]?([^;'\"}]+)")
_URL = re.compile(r"url\(\s*['\"]?([^'\")]+)['\"]?\s*\)")
_BUNDLE = re.compile(r"^/web/assets/.+/([\w.]+?)(?:\.(?:rtl|autoprefixed))*(?:\.min)?\.css$")
_IMAGE = re.compile(r"^/web/image/(?:(\d+)|([\w.]+)/(\d+)/(\w+))(?:[-/?].*)?$")


def stylesheets(env: models.BaseModel, body: str) -> str:
    """Return the CSS of the bundles that a page links to, fonts included."""
    css = []
    for link in html.document_fromstring(str(body)).iter("link"):
        found = _BUNDLE.match(urlsplit(link.get("href") or "").path)
        if found:
            css.append(_bundle(env, urlsplit(link.get("href")).path, found[1]))
    return _embed_fonts("\n".join(css))


def embed_pictures(env: models.BaseModel, page: str, base_url: str) -> str:
    """Return the page with its pictures inside; what the user may not read stays blank."""
    tree = html.document_fromstring(page)
    for image in tree.iter("img"):
        source = (image.get("src") or "").removeprefix(base_url)
        if not source.startswith("data:"):
            image.set("src", _picture(env, source) or "data:,")
    for element in tree.xpath("//*[contains(@style, 'url(')]"):
        element.set("style", _embed_urls(element.get("style").replace(base_url + "/", "/")))
    return "<!DOCTYPE html>\n" + html.tostring(tree, encoding="unicode")


def _bundle(env, url: str, name: str) -> str:
    """A bundle's CSS lies in an attachment of that URL, or has yet to be made."""
    attachment_sudo = env["ir.attachment"].sudo().search([("url", "=", url)], limit=1)
    if not attachment_sudo:
        bundle = env["ir.qweb"]._get_asset_bundle(name, css=True, js=False)
        attachment_sudo = bundle.css().sudo()
    return (attachment_sudo.raw or b"").decode()


def _embed_fonts(css: str) -> str:
    """Put the fonts in that some rule uses, and drop the many others."""
    rules = _FACE.sub("", css)
    used = {name.strip(" '\"") for text in _FAMILY.findall(rules) for name in text.split(",")}
    used |= {
        name.strip(" '\"")
        for text in re.findall(r"font-family:([^;}]+)", rules)
        for name in text.split(",")
    }

    def face(found: re.Match) -> str:
        family = _FAMILY.search(found[0])
        return _embed_urls(found[0]) if family and family[1].strip() in used else ""

    return _embed_urls(_FACE.sub(face, css))


def _embed_urls(css: str) -> str:
    def embedded(found: re.Match) -> str:
        if found[1].startswith("data:"):
            return found[0]
        return f"url({_static(found[1]) or 'data:,'})"

    return _URL.sub(embedded, css)


def _picture(env, source: str) -> str | None:
    found = _IMAGE.match(source)
    if found:
        return _stored(env, *found.groups())
    if source.startswith("/report/barcode"):
        return _barcode(env, urlsplit(source))
    return _static(source)


def _stored(env, attachment: str | None, model: str | None, key: str | None, field: str | None):
    """A picture of the database, with the rights of the user who prints."""
    try:
        binary = env["ir.binary"]
        record = binary._find_record(
            res_model=model or "ir.attachment", res_id=int(attachment or key)
        )
        stream = binary._get_image_stream_from(record, field or "raw")
        return _data(stream.read(), stream.mimetype)
    except (AccessError, MissingError, KeyError):
        return None


def _barcode(env, address) -> str:
    query = {name: values[0] for name, values in parse_qs(address.query).items()}
    parts = address.path.split("/")[3:]
    kind, value = parts if len(parts) == 2 else (query.pop("barcode_type"), query.pop("value"))
    return _data(env["ir.actions.report"].barcode(kind, value, **query), "image/png")


def _static(url: str) -> str | None:
    """A file of an addon's ``static`` folder, and of no other."""
    path = urlsplit(url).path
    parts = path.strip("/").split("/")
    if len(parts) < 3 or parts[1] != "static" or ".." in parts:
        return None
    try:
        with file_open(path.strip("/"), "rb") as file:
            return _data(file.read(), mimetypes.guess_type(path)[0])
    except (FileNotFoundError, ValueError):
        return None


def _data(content: bytes, mimetype: str | None) -> str:
    kind = mimetype or "application/octet-stream"
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"
