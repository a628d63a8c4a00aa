"""Compose one printable HTML document from what Odoo hands to wkhtmltopdf."""

import json
import re
from dataclasses import dataclass

from lxml import etree, html
from lxml.html import HtmlElement

# Nothing is loaded and nothing runs: what a page needs lies in it.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:"
_DROPPED = ("script", "link", "base", "meta", "iframe", "frame", "object", "embed")
# wkhtmltopdf shrinks a page of 1280 dots to the paper; reports are designed for that size.
_ZOOM = 0.78
_STYLE = """
html { height: auto; }
body.o_body_pdf { zoom: %(zoom)s; height: auto; max-width: none; overflow: visible !important; }
.rc_sheet { width: 100%%; border-collapse: collapse; }
.rc_sheet > * > tr > td { padding: 0; border: 0; }
.rc_sheet > thead { display: table-header-group; }
.rc_sheet > tfoot { display: table-footer-group; }
.rc_space { visibility: hidden; }
.rc_footer { position: fixed; bottom: 0; left: 0; right: 0; padding: inherit; }
.footer > .o_footer_content { padding-bottom: 0 !important; }
tr, .o_total_table, #payment_term { break-inside: avoid; }
.rc_sheet > tbody > tr { break-inside: auto; }
"""


@dataclass(frozen=True)
class Paper:
    """The sheet: a CSS size, and margins in millimetres."""

    size: str
    top: float
    right: float
    bottom: float
    left: float


def split(document: str | None, container: str) -> list[HtmlElement]:
    """Return the headers, or footers, of all bodies: children of the element ``container``."""
    if not document:
        return []
    found = html.fromstring(_text(document)).xpath(f"//*[@id='{container}']")
    return list(found[0]) if found else []


def compose(
    body: str,
    header: HtmlElement | None,
    footer: HtmlElement | None,
    *,
    css: str,
    paper: Paper,
) -> str:
    """Return the HTML of one document, header and footer repeated on each of its pages."""
    source = html.document_fromstring(_text(body))
    inside = source.find("body")
    page = html.document_fromstring("<!DOCTYPE html><html><head></head><body></body></html>")
    target = page.find("body")
    target.attrib.update(inside.attrib)
    target.attrib.pop("onload", None)
    number = _take_page_number(footer) if footer is not None else ""
    table = etree.SubElement(target, "table", {"class": "rc_sheet"})
    _cell(table, "thead").extend([] if header is None else [header])
    if footer is not None:
        space = etree.SubElement(_cell(table, "tfoot"), "div", {"class": "rc_space"})
        space.append(html.fromstring(html.tostring(footer, encoding="unicode")))
        etree.SubElement(target, "div", {"class": "rc_footer"}).append(footer)
    cell = _cell(table, "tbody")
    cell.text = inside.text
    cell.extend(list(inside))
    for element in list(page.iter(*_DROPPED)):
        element.drop_tree()
    _head(page, css + _STYLE % {"zoom": _ZOOM} + _page_rule(paper, number))
    return "<!DOCTYPE html>\n" + html.tostring(page, encoding="unicode")


def _text(document: str) -> str:
    """lxml refuses text with an XML declaration of its encoding; Markup is no plain text."""
    return re.sub(r"^\s*<\?xml[^>]*\?>", "", str(document))


def _cell(table: etree._Element, part: str) -> etree._Element:
    return etree.SubElement(etree.SubElement(etree.SubElement(table, part), "tr"), "td")


def _head(page: HtmlElement, css: str) -> None:
    head = page.find("head")
    etree.SubElement(head, "meta", {"charset": "utf-8"})
    policy = {"http-equiv": "Content-Security-Policy", "content": _POLICY}
    etree.SubElement(head, "meta", policy)
    etree.SubElement(head, "style").text = css.replace("</", "<\\/")


def _take_page_number(footer: HtmlElement) -> str:
    """Take "Page 1 / 2" out of the footer and return it as CSS content.

    A fixed element says the same on every page; only the page's margin can count.
    """
    spans = footer.xpath(".//span[@class='page' or @class='topage']")
    if not spans:
        return ""
    line = spans[0].getparent()
    parts = [json.dumps(" ".join(line.text.split()) + " ")] if (line.text or "").strip() else []
    for span in spans:
        parts.append("counter(pages)" if span.get("class") == "topage" else "counter(page)")
        if span is not spans[-1] and (span.tail or "").strip():
            parts.append(json.dumps(f" {span.tail.strip()} "))
    line.drop_tree()
    return " ".join(parts)


def _page_rule(paper: Paper, number: str) -> str:
    box = (
        f"@bottom-center {{ content: {number}; vertical-align: top; padding-top: 1mm;"
        " font: 8.5pt Lato, sans-serif; color: #6c757d; }"
        if number
        else ""
    )
    margins = f"{paper.top}mm {paper.right}mm {paper.bottom}mm {paper.left}mm"
    return f"@page {{ size: {paper.size}; margin: {margins}; {box} }}"
