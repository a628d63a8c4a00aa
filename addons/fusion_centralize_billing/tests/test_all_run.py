"""`./fusion test` runs on copies of a database in which the addons are installed already."""

from odoo.tests import BaseCase, loader, tagged

OURS = ("account_accountant", "fusion_centralize_billing", "report_chromium", "sale_subscription")


@tagged("post_install", "-at_install")
class TestAllRun(BaseCase):
    def test_no_test_waits_for_an_installation(self):
        cases = [
            case
            for addon in OURS
            for module in loader.get_test_modules(addon)
            for case in loader.get_module_test_cases(module)
        ]

        self.assertGreater(len(cases), 1000)
        self.assertEqual([str(case) for case in cases if "post_install" not in case.test_tags], [])
