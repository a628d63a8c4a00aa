"""Keys on the screen and on the wire: made, rotated, and refused where others read them."""

import io
import logging
from datetime import datetime, timedelta
from urllib.parse import quote

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from ..controllers.exposed_key import MaskKeys, mask
from .api_common import BASE, ApiCase
from .common import BillingCase

MANAGER_GROUP = "fusion_centralize_billing.group_fusion_billing_manager"
USER_GROUP = "fusion_centralize_billing.group_fusion_billing_user"
LOGGER = "odoo.addons.fusion_centralize_billing.controllers.exposed_key"
NOW = datetime(2026, 3, 1, 10)


@tagged("post_install", "-at_install")
class TestExposedKey(ApiCase):
    def refused(self, place: str, method: str, path: str, **options) -> str:
        """Assert the refusal of this request and return what was logged of it."""
        with self.assertLogs(level=logging.INFO) as logs:
            status, body = self.call(method, path, **options)
        self.assertEqual(status, 400)
        spoken = {"url": "URL"}.get(place, place)
        belongs = f"BadRequest: an API key belongs in the Authorization header, not in the {spoken}"
        self.assertIn(belongs, body["error"])
        self.assertNotIn(self.key, str(body))
        told = "\n".join(logs.output)
        self.assertNotIn(self.key[9:], told)
        self.assertIn(f"An API key came in the {place} of {method}: fbk_maps_***.", told)
        return told

    def test_a_key_in_the_query_is_refused_even_if_the_header_has_it_too(self) -> None:
        told = self.refused("url", "GET", f"/plans?api_key={self.key}")
        self.assertIn("/plans?api_key=fbk_maps_***", told, "the access log keeps the rest")
        self.refused("url", "GET", f"/plans?api_key={self.key}", key=None)
        self.refused("url", "POST", f"/customers?x={self.key}", body={"customer": {}})

    def test_a_key_in_the_path_is_refused_on_any_route(self) -> None:
        self.refused("url", "GET", f"/plans/{self.key}")
        self.refused("url", "GET", f"/nothing/{self.key}/at/all", key=None)
        self.refused("url", "GET", f"/health?key={self.key}", key=None)

    def test_a_key_spelled_with_escapes_is_a_key(self) -> None:
        spelled = self.key.replace("_", "%5F")
        self.refused("url", "GET", f"/plans?k={spelled}")
        self.refused("url", "GET", f"/plans?k=%66bk{quote(self.key[3:])}")

    def test_a_key_in_a_body_is_refused_and_nothing_is_written(self) -> None:
        customer = {"external_id": "acme", "metadata": [{"key": "k", "value": self.key}]}
        self.refused("body", "POST", "/customers", body={"customer": customer})
        self.refused("body", "POST", "/customers", raw=f"api_key={self.key}".encode())
        self.assertFalse(self.service.link_ids)

    def test_what_only_begins_like_a_key_is_data(self) -> None:
        customer = {"external_id": "fbk_maps_1", "name": "fbk_"}
        self.assertEqual(self.call("POST", "/customers", {"customer": customer})[0], 200)
        self.assertEqual(self.call("GET", "/customers/fbk_maps_1")[0], 200)

    def test_the_key_in_its_header_reaches_no_log(self) -> None:
        with self.assertLogs(level=logging.DEBUG) as logs:
            self.assertEqual(self.call("GET", "/plans")[0], 200)
        self.assertNotIn(self.key[9:], "\n".join(logs.output))

    def test_an_error_that_carries_a_key_is_logged_masked_with_its_traceback(self) -> None:
        written = io.StringIO()
        handler = logging.StreamHandler(written)
        handler.addFilter(MaskKeys())
        logger = logging.getLogger("odoo.addons.fusion_centralize_billing.tests.masked")
        self.patch(logger, "propagate", False)
        logger.addHandler(handler)
        self.addCleanup(logger.removeHandler, handler)
        try:
            raise ValueError(f"no such value: {self.key}")
        except ValueError:
            logger.exception("failed with %s", {"key": self.key})
        self.assertNotIn(self.key[9:], written.getvalue())
        self.assertEqual(written.getvalue().count("fbk_maps_***"), 2)
        self.assertIn("Traceback", written.getvalue())

    def test_every_handler_of_this_server_masks_and_so_do_the_loggers_of_requests(self) -> None:
        theirs = [
            handler
            for handler in logging.getLogger().handlers
            if type(handler) in (logging.StreamHandler, logging.FileHandler)
        ]
        loggers = [logging.getLogger(name) for name in ("werkzeug", "odoo.http", "odoo.sql_db")]
        for filterer in (*theirs, *loggers):
            with self.subTest(filterer=filterer):
                kinds = {type(each).__name__ for each in filterer.filters}
                self.assertIn("MaskKeys", kinds)

    def test_masking_leaves_the_rest_of_a_line(self) -> None:
        line = f'"GET {BASE}/plans?k={self.key}&page=2 HTTP/1.1" 400 -'
        self.assertEqual(mask(line), f'"GET {BASE}/plans?k=fbk_maps_***&page=2 HTTP/1.1" 400 -')
        self.assertEqual(mask(f"{self.key[:-5]}"), "fbk_maps_***")
        self.assertEqual(mask("a customer fbk_maps_1"), "a customer fbk_maps_1")

    def test_a_read_on_a_replica_still_tells_when_the_key_was_used(self) -> None:
        key = self.service.key_ids
        self.assertFalse(key.last_used_at)
        with freeze_time(NOW):
            self.assertEqual(self.call("GET", "/plans")[0], 200)
        self.assertEqual(key.last_used_at, NOW)


@tagged("post_install", "-at_install")
class TestApiKeyScreen(BillingCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.keys = cls.env["fusion.billing.api.key"]
        cls.manager = new_test_user(cls.env, "fb-manager", groups=MANAGER_GROUP)
        cls.wizards = cls.env["fusion.billing.api.key.wizard"].with_user(cls.manager)

    def form(self, action: dict) -> Form:
        """The form that the action opens, as the manager."""
        view = action.get("views", [(False, "form")])[0][0]
        return Form(self.wizards.with_context(**action["context"]), view=view or None)

    def shown(self, action: dict) -> str:
        """The plaintext that the screen shows."""
        return action["context"]["default_plaintext"]

    def rotate(self, key, overlap: int, unit: str) -> str:
        with freeze_time(NOW):
            form = self.form(key.with_user(self.manager).action_rotate())
            form.overlap, form.overlap_unit = overlap, unit
            return self.shown(form.save().action_rotate())

    def test_a_key_is_made_with_a_scope_an_end_and_a_limit(self) -> None:
        form = self.form(self.service.with_user(self.manager).action_generate_key())
        form.name, form.scope = "usage agent", "read"
        form.expires_at = datetime(2026, 4, 1)
        form.own_rate_limit = True
        form.rate_limit = 50
        form.save().action_generate()
        self.assertRecordValues(
            self.service.key_ids,
            [
                {
                    "name": "usage agent",
                    "scope": "read",
                    "expires_at": datetime(2026, 4, 1),
                    "own_rate_limit": True,
                    "rate_limit": 50,
                }
            ],
        )

    def test_the_old_key_works_for_as_long_as_was_chosen(self) -> None:
        for overlap, unit, end in (
            (3, "hours", NOW + timedelta(hours=3)),
            (14, "days", NOW + timedelta(days=14)),
            (0, "hours", NOW),
        ):
            with self.subTest(overlap=overlap, unit=unit):
                old, old_plaintext = self.keys._generate(self.service, "app", "read")
                old.write({"own_rate_limit": True, "rate_limit": 7})
                new_plaintext = self.rotate(old, overlap, unit)
                self.assertEqual(old.expires_at, end)
                with freeze_time(end - timedelta(seconds=1)):
                    self.keys.invalidate_model(["state"])
                    self.assertEqual(self.keys._authenticate(old_plaintext), old)
                with freeze_time(end):
                    self.keys.invalidate_model(["state"])
                    self.assertFalse(self.keys._authenticate(old_plaintext))
                    new = self.keys._authenticate(new_plaintext)
                self.assertRecordValues(
                    new,
                    [{"name": "app", "scope": "read", "own_rate_limit": True, "rate_limit": 7}],
                )

    def test_a_longer_overlap_never_lengthens_a_key_that_ends_sooner(self) -> None:
        old, _plaintext = self.keys._generate(self.service, "app")
        old.expires_at = NOW + timedelta(hours=1)
        self.rotate(old, 10, "days")
        self.assertEqual(old.expires_at, NOW + timedelta(hours=1))

    def test_a_revoked_key_is_not_rotated(self) -> None:
        old, _plaintext = self.keys._generate(self.service, "app")
        old.with_user(self.manager).action_revoke()
        with self.assertRaises(UserError):
            self.rotate(old, 1, "days")

    def test_a_viewer_neither_rotates_nor_revokes(self) -> None:
        viewer = new_test_user(self.env, "fb-viewer", groups=USER_GROUP)
        key, _plaintext = self.keys._generate(self.service, "app")
        with mute_logger("odoo.addons.base.models.ir_model"):
            with self.assertRaises(UserError):
                key.with_user(viewer).action_revoke()
            with self.assertRaises(UserError):
                self.wizards.with_user(viewer).create({"service_id": self.service.id})
        self.assertEqual(key.state, "active")
