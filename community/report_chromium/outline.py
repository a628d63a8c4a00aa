"""Join PDFs as wkhtmltopdf does: one bookmark a document, by which Odoo takes them apart."""

import io

from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    TextStringObject,
)


def join(documents: list[bytes]) -> bytes:
    """Return one PDF of all documents."""
    if len(documents) == 1:
        return documents[0]
    writer = PdfWriter()
    starts = []
    for document in documents:
        starts.append(len(writer.pages))
        for page in PdfReader(io.BytesIO(document)).pages:
            writer.add_page(page)
    _add_outline(writer, starts)
    result = io.BytesIO()
    writer.write(result)
    return result.getvalue()


def _add_outline(writer: PdfWriter, starts: list[int]) -> None:
    destinations = DictionaryObject()
    root = DictionaryObject({NameObject("/Type"): NameObject("/Outlines")})
    root_reference = writer._add_object(root)
    items = []
    for number, start in enumerate(starts):
        name = NameObject(f"/document{number}")
        # wkhtmltopdf names a page by its number, and Odoo counts on it.
        destinations[name] = ArrayObject([NumberObject(start), NameObject("/Fit")])
        item = DictionaryObject(
            {
                NameObject("/Title"): TextStringObject(str(number + 1)),
                NameObject("/Parent"): root_reference,
                NameObject("/Dest"): name,
            }
        )
        items.append((item, writer._add_object(item)))
    for (item, _), (_, following) in zip(items, items[1:], strict=False):
        item[NameObject("/Next")] = following
    root[NameObject("/First")], root[NameObject("/Last")] = items[0][1], items[-1][1]
    writer._root_object[NameObject("/Dests")] = writer._add_object(destinations)
    writer._root_object[NameObject("/Outlines")] = root_reference
