"""A double of wkhtmltopdf: writes a real PDF that says, line by line, what the pages say."""

import sys
from pathlib import Path

from lxml import html
from reportlab.pdfgen.canvas import Canvas

LINE, TOP, BOTTOM = 14, 800, 40


def main(arguments: list[str]) -> None:
    """``[options] page.html ... out.pdf``, or ``--version``."""
    if arguments == ["--version"]:
        print("wkhtmltopdf 0.12.6 (with patched qt)")
        return
    *options, target = arguments
    parts = {"--header-html", "--footer-html", "--cookie-jar"}
    pages = [
        value
        for before, value in zip(["", *options], options, strict=False)
        if value.endswith(".html") and before not in parts
    ]
    canvas = Canvas(target)
    for page in pages:
        _print(canvas, html.fromstring(Path(page).read_bytes()).find("body"))
    canvas.save()


def _print(canvas: Canvas, body: html.HtmlElement) -> None:
    height = TOP
    for line in body.text_content().splitlines():
        if not line.strip():
            continue
        if height < BOTTOM:
            canvas.showPage()
            height = TOP
        canvas.drawString(40, height, " ".join(line.split()))
        height -= LINE
    canvas.showPage()


if __name__ == "__main__":
    main(sys.argv[1:])
