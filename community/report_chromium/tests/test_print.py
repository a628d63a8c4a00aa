"""Odoo's report pipeline, printed by Chromium."""

import io
import re
from unittest.mock import patch

from pypdf import PdfReader

from odoo.addons.base.models import ir_actions_report as base_report
from odoo.exceptions import UserError
from odoo.tests import TransactionCase, tagged

from .. import browser, resources

ARTICLE = """
<div class="header o_company_1_layout">Head {record}</div>
<div class="article" data-oe-model="res.partner" data-oe-id="{record}">{content}</div>
<div class="footer"><div class="o_footer_content">Foot {record}
  <div>Page <span class="page"/> / <span class="topage"/></div></div></div>
"""
ROWS = "<table>" + "<tr><td>Row of the table</td></tr>" * 80 + "</table>"


@tagged("post_install", "-at_install")
class TestPrint(TransactionCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.report = cls.env["ir.actions.report"].create(
            {
                "name": "A report",
                "model": "res.partner",
                "report_name": "report_chromium.test_report",
                "paperformat_id": cls.env.ref("base.paperformat_us").id,
            }
        )
        # As on a machine without wkhtmltopdf, whatever this one has.
        absent = base_report._wkhtml()._replace(state="install", is_patched_qt=False)
        patcher = patch.object(base_report, "_wkhtml", lambda: absent)
        cls.startClassPatcher(patcher)

    def print_articles(self, *contents: str) -> bytes:
        """The PDF of a report of one article for each content."""
        articles = "".join(
            ARTICLE.format(record=record, content=content)
            for record, content in enumerate(contents, 1)
        )
        html = f"<html><body><main>{articles}</main></body></html>"
        bodies, _ids, header, footer, asked = self.report._prepare_html(html, "res.partner")
        return self.report._run_wkhtmltopdf(
            bodies,
            report_ref=self.report,
            header=header,
            footer=footer,
            specific_paperformat_args=asked,
        )

    def pages(self, pdf: bytes) -> list[str]:
        return [
            re.sub(r"\s+", " ", page.extract_text()) for page in PdfReader(io.BytesIO(pdf)).pages
        ]

    def test_header_footer_and_page_number_are_on_each_page(self) -> None:
        pages = self.pages(self.print_articles(ROWS + "The end"))
        self.assertEqual(len(pages), 2)
        for number, page in enumerate(pages, 1):
            self.assertEqual(page.count("Head 1"), 1)
            self.assertEqual(page.count("Foot 1"), 1)
            self.assertIn(f"Page {number} / 2", page)
        self.assertEqual(sum(page.count("Row of the table") for page in pages), 80)
        self.assertIn("The end", pages[-1])

    def test_the_paper_is_the_report_s(self) -> None:
        [page] = PdfReader(io.BytesIO(self.print_articles("Short"))).pages
        self.assertEqual([round(side) for side in page.mediabox[2:]], [612, 792])

    def test_each_document_has_its_own_header_numbers_and_bookmark(self) -> None:
        pdf = self.print_articles(ROWS, "Short")
        pages = self.pages(pdf)
        self.assertEqual(len(pages), 3)
        self.assertIn("Head 2", pages[2])
        self.assertIn("Page 1 / 1", pages[2])
        root = PdfReader(io.BytesIO(pdf)).trailer["/Root"]
        first = root["/Outlines"]["/First"]
        starts = [root["/Dests"][item["/Dest"]][0] for item in (first, first["/Next"])]
        self.assertEqual(starts, [0, 2])

    def test_a_page_runs_no_script_and_reads_no_file(self) -> None:
        pdf = self.print_articles(
            '<p>Before</p><p id="x">as written</p>'
            "<script>document.getElementById('x').textContent = 'scripted'</script>"
            '<img src="file:///etc/hostname"/><iframe src="file:///etc/passwd"></iframe>'
            '<p onclick="x()">After</p>'
        )
        [page] = self.pages(pdf)
        self.assertIn("as written", page)
        self.assertIn("After", page)
        self.assertNotIn("root:", page)

    def test_a_browser_that_fails_is_told_in_words(self) -> None:
        failed = browser.BrowserError("It took too long and was ended.")
        with (
            patch.object(browser, "print_page", side_effect=failed),
            self.assertLogs("odoo.addons.report_chromium", "WARNING"),
            self.assertRaisesRegex(UserError, "took too long"),
        ):
            self.print_articles("Short")

    def test_without_a_browser_odoo_does_as_it_would(self) -> None:
        with patch.object(browser, "find", lambda: None):
            self.assertEqual(self.report.get_wkhtmltopdf_state(), "install")
            with self.assertRaisesRegex(UserError, "Wkhtmltopdf"):
                self.report.with_context(force_report_rendering=True)._render_qweb_pdf(
                    "web.action_report_externalpreview", [self.env.company.id]
                )

    def test_a_patched_wkhtmltopdf_is_left_alone(self) -> None:
        patched = base_report._wkhtml()._replace(state="ok", is_patched_qt=True)
        with patch.object(base_report, "_wkhtml", lambda: patched):
            self.assertIsNone(self.report._get_chromium())
        self.assertEqual(self.report._get_chromium(), browser.find())
        self.assertEqual(self.report.get_wkhtmltopdf_state(), "ok")

    def test_the_styles_of_the_reports_bundles_are_in_the_page(self) -> None:
        for kind in (".autoprefixed.min", ".min", ".rtl.autoprefixed.min"):
            address = f"/web/assets/d767f94/web.report_assets_common{kind}.css"
            link = f'<link rel="stylesheet" href="{address}"/>'
            css = resources.stylesheets(self.env, f"<html><head>{link}</head><body/></html>")
            self.assertIn(".table", css)
            self.assertIn("@font-face", css)
            self.assertNotIn("url(/web", css)
