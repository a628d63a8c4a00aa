"""Print by Chromium where Odoo would print without header and footer, or not at all."""

import logging

from odoo import api, models
from odoo.addons.base.models import ir_actions_report as base_report
from odoo.exceptions import UserError

from .. import browser, outline, resources, sheet

_logger = logging.getLogger(__name__)
# Millimetres below the footer, where the page number stands.
_FOOT = 13


class IrActionsReport(models.Model):
    _inherit = "ir.actions.report"

    @api.model
    def get_wkhtmltopdf_state(self) -> str:
        """``ok`` where Chromium prints: screens and mails ask this before they offer a PDF."""
        return "ok" if self._get_chromium() else super().get_wkhtmltopdf_state()

    @api.model
    def _get_chromium(self) -> str | None:
        """The browser that prints; none beside a properly patched wkhtmltopdf."""
        wkhtml = base_report._wkhtml()
        if wkhtml.state in ("ok", "workers") and wkhtml.is_patched_qt:
            return None
        return browser.find()

    @api.model
    def _run_wkhtmltopdf(
        self,
        bodies,
        report_ref=False,
        header=None,
        footer=None,
        landscape=False,
        specific_paperformat_args=None,
        set_viewport_size=False,
    ) -> bytes:
        """Print the bodies, each with its header, footer and own page numbers.

        :raise UserError: Chromium failed or took too long
        """
        chromium = self._get_chromium()
        if not chromium:
            return super()._run_wkhtmltopdf(
                bodies,
                report_ref=report_ref,
                header=header,
                footer=footer,
                landscape=landscape,
                specific_paperformat_args=specific_paperformat_args,
                set_viewport_size=set_viewport_size,
            )
        bodies = list(bodies)
        report = self._get_report(report_ref) if report_ref else self
        pages = self._compose_pages(
            bodies,
            sheet.split(header, "minimal_layout_report_headers"),
            sheet.split(footer, "minimal_layout_report_footers"),
            report.get_paperformat(),
            specific_paperformat_args or {},
            landscape,
        )
        try:
            return outline.join([browser.print_page(chromium, page) for page in pages])
        except browser.BrowserError as error:
            _logger.warning("Chromium printed no PDF: %s", error)
            raise UserError(self.env._("The PDF could not be made. %s", error)) from error

    def _compose_pages(self, bodies, headers, footers, paperformat, asked, landscape) -> list[str]:
        base_url = self._get_report_url()
        styles: dict[str, str] = {}
        pages = []
        for number, body in enumerate(bodies):
            css = styles.setdefault("css", "") or resources.stylesheets(self.env, body)
            styles["css"] = css
            footer = footers[number] if number < len(footers) else None
            header = headers[number] if number < len(headers) else None
            paper = self._get_paper(
                paperformat, asked, landscape, header is not None, footer is not None
            )
            page = sheet.compose(body, header, footer, css=css, paper=paper)
            pages.append(resources.embed_pictures(self.env, page, base_url))
        return pages

    def _get_paper(self, paperformat, asked, landscape, has_header, has_footer) -> sheet.Paper:
        """The paper of a report. The margins at top and bottom of a paper format are room for
        header and footer; here those take what they need."""
        size = paperformat.format or "A4"
        if size == "custom":
            size = f"{paperformat.page_width or 210}mm {paperformat.page_height or 297}mm"
        if (
            landscape
            or asked.get("data-report-landscape")
            or (paperformat.orientation == "Landscape")
        ):
            size += " landscape"
        top = float(asked.get("data-report-margin-top", paperformat.margin_top or 0))
        bottom = float(asked.get("data-report-margin-bottom", paperformat.margin_bottom or 0))
        inside = paperformat.css_margins
        return sheet.Paper(
            size,
            (0 if inside else min(top, 10)) if has_header else top,
            paperformat.margin_right,
            _FOOT if has_footer else bottom,
            paperformat.margin_left,
        )
