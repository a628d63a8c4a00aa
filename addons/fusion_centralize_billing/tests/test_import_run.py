"""The report of an import: kept, downloadable, and how far it is while it runs."""

import base64
import csv
import io
from unittest.mock import patch

from openpyxl import load_workbook

from odoo.exceptions import AccessError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from ..wizards import import_nexacloud as wizard_module
from .nexacloud_case import NexacloudCase, uid


@tagged("post_install", "-at_install")
class TestImportRun(NexacloudCase):
    def act(self, mode: str):
        form = Form(self.env["fusion.billing.nexacloud.import"])
        form.service_id = self.service
        wizard = form.save()
        return wizard, getattr(wizard, f"action_{mode}")()

    def runs(self):
        return self.env["fusion.billing.import.run"].search([("service_id", "=", self.service.id)])

    def test_every_test_rehearsal_and_run_leaves_a_report_with_its_lines(self):
        self.seed()
        self.add_user(2, province=None)
        self.add_subscription(102, user=1, status="frozen")

        for mode in ("test", "dry_run", "run"):
            self.act(mode)

        self.env.invalidate_all()
        run, rehearsal, test = self.runs()
        self.assertEqual((test.mode, test.line_ids, test.created), ("test", test.line_ids[:0], 0))
        self.assertEqual(test.counts["customers"]["rows"], 2)
        self.assertEqual((rehearsal.mode, rehearsal.counts), ("dry_run", run.counts))
        self.assertEqual((run.failed, run.severity), (1, "danger"))
        self.assertEqual(run.line_ids[0].external_id, uid(102))
        self.assertEqual(run.line_ids[0].outcome, "failed")
        self.assertIn("frozen", run.line_ids[0].reason)
        self.assertEqual(run.line_ids[1].severity, "warning")
        self.assertIn("<td>Customers</td>", run.summary)

    def test_the_report_downloads_as_csv_and_as_a_workbook_and_no_cell_is_a_formula(self):
        self.seed()
        self.add_subscription(102, user=1, status='=HYPERLINK("x")')
        wizard, _action = self.act("run")
        run = self.runs()
        run.sudo().line_ids[0].reason = "=1+1"
        run.invalidate_recordset()

        rows = list(csv.reader(io.StringIO(base64.b64decode(run.file_csv).decode("utf-8-sig"))))
        book = load_workbook(io.BytesIO(base64.b64decode(run.file_xlsx)))

        self.assertEqual(rows[0], ["object", "external_id", "outcome", "severity", "reason"])
        self.assertEqual(rows[1], ["subscriptions", uid(102), "failed", "danger", "'=1+1"])
        cell = book["Lines"]["E2"]
        self.assertEqual((cell.value, cell.data_type), ("=1+1", "s"))
        counts = {row[0]: row[1:] for row in book["Counts"].iter_rows(values_only=True)}
        self.assertEqual(counts["subscriptions"], (2, 1, 0, 0, 0, 1))
        address = wizard.action_xlsx()["url"]
        self.assertTrue(address.endswith(f"import-nexacloud-run-{run.id}.xlsx?download=true"))

    def test_a_large_import_goes_to_the_background_and_says_how_far_it_is(self):
        self.seed()
        self.add_user(2)
        told = []
        with patch.object(wizard_module, "AT_ONCE", 3):
            _wizard, action = self.act("run")
        run = self.runs()
        self.assertEqual((action["res_id"], run.state), (run.id, "waiting"))
        self.assertFalse(self.order())
        progress = self.registry["fusion.billing.import.progress"]
        teller = progress._teller

        def listening(model, run_id):
            tell = teller(model, run_id)

            def heard(*words):
                tell(*words)
                run.invalidate_recordset()
                told.append((run.stage, run.progress))

            return heard

        with self.enter_registry_test_mode(), patch.object(progress, "_teller", listening):
            self.env.ref("fusion_centralize_billing.cron_import").method_direct_trigger()

        self.assertEqual(told, [("customers", 50.0), ("subscriptions", 75.0)])
        run.invalidate_recordset()
        self.assertEqual((run.state, run.progress, run.created), ("done", 100.0, 10))
        self.assertEqual(self.order().state, "draft")

    def test_an_import_that_breaks_in_the_background_says_so_and_lets_the_next_one_through(self):
        self.seed()
        with patch.object(wizard_module, "AT_ONCE", 0):
            self.act("run")
            self.act("dry_run")
        runs = self.runs().sorted("id")
        stage = self.registry["fusion.billing.import.nexacloud"]
        cron = self.env.ref("fusion_centralize_billing.cron_import")
        whole = stage._import

        def breaks(model, service, mode, *more):
            if mode == "run":
                whole(model, service, mode, *more)
                raise KeyError("no such thing")
            return whole(model, service, mode, *more)

        with (
            self.enter_registry_test_mode(),
            patch.object(stage, "_import", breaks),
            mute_logger("odoo.addons.fusion_centralize_billing.models.import_run"),
        ):
            cron.method_direct_trigger()
            cron.method_direct_trigger()

        runs.invalidate_recordset()
        self.assertEqual(runs.mapped("state"), ["done", "done"])
        self.assertEqual(runs[0].message, "It stopped: KeyError. Odoo's log says where.")
        self.assertEqual((runs[0].severity, runs[1].severity), ("danger", "warning"))
        self.assertFalse(self.order(), "nothing of what broke is kept")

    def test_a_report_is_read_by_billing_people_and_changed_by_nobody(self):
        self.seed()
        self.act("test")
        reader = new_test_user(
            self.env, "reads-imports", "fusion_centralize_billing.group_fusion_billing_user"
        )
        run = self.runs().with_user(reader)

        self.assertIn("read-only: on", run.session)
        with self.assertRaises(AccessError):
            run.write({"severity": "danger"})
