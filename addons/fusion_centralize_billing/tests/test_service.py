"""A service: its technical user, its keys, its clock."""

from datetime import date, datetime, timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessDenied, AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common import BillingCase

API_GROUP = "fusion_centralize_billing.group_fusion_billing_api"
USER_GROUP = "fusion_centralize_billing.group_fusion_billing_user"
MANAGER_GROUP = "fusion_centralize_billing.group_fusion_billing_manager"


@tagged("post_install", "-at_install")
class TestService(BillingCase):
    def test_a_new_service_is_in_shadow_and_has_a_secret_of_its_own(self):
        services = self.env["fusion.billing.service"].create(
            [{"name": "One", "code": "one"}, {"name": "Two", "code": "two"}]
        )

        self.assertRecordValues(services, [{"mode": "shadow"}, {"mode": "shadow"}])
        first, second = services.mapped("webhook_secret")
        self.assertGreaterEqual(len(first), 40)
        self.assertNotEqual(first, second)

    def test_the_technical_user_has_one_group_and_the_company_of_the_service(self):
        user = self.service.user_id

        self.assertRecordValues(
            user,
            [{"login": "fusion-api-cloud", "share": True, "company_id": self.company.id}],
        )
        self.assertEqual(user.group_ids, self.env.ref(API_GROUP))
        self.assertFalse(user.has_group("base.group_user"))
        self.assertFalse(user.has_group("base.group_portal"))
        self.assertFalse(user.email)

    def test_the_technical_user_cannot_log_in_even_if_somebody_sets_a_password(self):
        user = self.service.user_id
        user.password = "a-password-that-was-set-by-hand"
        credential = {
            "login": user.login,
            "password": "a-password-that-was-set-by-hand",
            "type": "password",
        }

        with self.assertRaises(AccessDenied):
            self.env["res.users"].with_user(user)._check_credentials(
                credential, {"interactive": True}
            )

    def test_other_users_still_log_in_with_their_password(self):
        person = new_test_user(self.env, "fb-person", password="the password of a person")
        credential = {
            "login": person.login,
            "password": "the password of a person",
            "type": "password",
        }

        answer = (
            self.env["res.users"]
            .with_user(person)
            ._check_credentials(credential, {"interactive": True})
        )

        self.assertEqual(answer["uid"], person.id)

    def test_the_code_is_one_lower_case_word_and_never_changes(self):
        for code in ("", "Has-Capitals", "two words", "-dash", "x" * 33):
            with self.subTest(code=code), self.assertRaises(ValidationError):
                self.env["fusion.billing.service"].create({"name": "Bad", "code": code})
        with self.assertRaises(UserError):
            self.service.code = "other"

    def test_a_copy_is_a_new_shadow_service_without_keys_or_address(self):
        self.service.webhook_url = "https://app.example.com/hook"
        self.service.generate_key("app")

        copy = self.service.copy()

        self.assertRecordValues(
            copy, [{"mode": "shadow", "webhook_url": False, "test_clock": False}]
        )
        self.assertFalse(copy.key_ids)
        self.assertNotEqual(copy.code, self.service.code)
        self.assertNotEqual(copy.user_id, self.service.user_id)
        self.assertNotEqual(copy.webhook_secret, self.service.webhook_secret)

    def test_archiving_a_service_archives_its_user_and_refuses_its_keys(self):
        plaintext = self.service.generate_key("app")
        keys = self.env["fusion.billing.api.key"]

        self.service.active = False

        self.assertFalse(self.service.user_id.active)
        self.assertFalse(keys._authenticate(plaintext))
        self.service.active = True
        self.assertEqual(keys._authenticate(plaintext).service_id, self.service)

    def test_deleting_an_unused_service_frees_its_code(self):
        service = self.env["fusion.billing.service"].create({"name": "Old", "code": "old"})
        user = service.user_id

        service.unlink()
        again = self.env["fusion.billing.service"].create({"name": "New", "code": "old"})

        self.assertFalse(user.active)
        self.assertEqual(again.user_id.login, "fusion-api-old")

    @freeze_time("2026-03-01 03:30:00")
    def test_today_is_the_local_day_of_the_timezone_asked_for(self):
        self.service.test_clock = False

        self.assertEqual(self.service._now(), datetime(2026, 3, 1, 3, 30))
        self.assertEqual(self.service._today(), date(2026, 2, 28))
        self.assertEqual(self.service._today("America/St_Johns"), date(2026, 3, 1))

    def test_the_test_clock_replaces_the_real_one(self):
        self.service.test_clock = datetime(2026, 7, 1, 2)

        self.assertEqual(self.service._now(), datetime(2026, 7, 1, 2))
        self.assertEqual(self.service._today(), date(2026, 6, 30))

    def test_the_counts_on_the_form_belong_to_each_service_alone(self):
        other = self.make_service("desk")
        self.make_order("sub-1")

        self.assertRecordValues(
            self.service | other,
            [
                {"subscription_count": 1, "customer_count": 1},
                {"subscription_count": 0, "customer_count": 0},
            ],
        )


@tagged("post_install", "-at_install")
class TestApiKey(BillingCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.keys = cls.env["fusion.billing.api.key"]

    def test_a_key_carries_256_random_bits_and_only_its_hash_is_stored(self):
        key, plaintext = self.keys._generate(self.service, "app")

        self.assertRegex(plaintext, r"^fbk_cloud_[A-Za-z0-9_-]{43}$")
        self.assertRegex(key.prefix, r"^fbk_cloud_.{6}$")
        self.assertTrue(plaintext.startswith(key.prefix))
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT row_to_json(k)::text FROM fusion_billing_api_key k WHERE id = %s", [key.id]
        )
        self.assertNotIn(plaintext[-37:], self.env.cr.fetchone()[0])

    def test_a_key_opens_its_own_service_and_a_wrong_one_opens_nothing(self):
        _key, plaintext = self.keys._generate(self.service, "app")

        self.assertEqual(self.keys._authenticate(plaintext).service_id, self.service)
        for wrong in ("", None, plaintext[:-1], plaintext + "x", "fbk_cloud_"):
            with self.subTest(wrong=wrong):
                self.assertFalse(self.keys._authenticate(wrong))

    def test_a_revoked_key_is_refused_and_revoking_twice_keeps_the_first_instant(self):
        key, plaintext = self.keys._generate(self.service, "app")
        with freeze_time("2026-03-01 10:00:00"):
            key.action_revoke()
        with freeze_time("2026-03-02 10:00:00"):
            key.action_revoke()

        self.assertFalse(self.keys._authenticate(plaintext))
        self.assertRecordValues(key, [{"state": "revoked", "revoked_at": datetime(2026, 3, 1, 10)}])

    def test_rotating_lets_both_keys_work_for_a_day_and_then_only_the_new_one(self):
        old, old_plaintext = self.keys._generate(self.service, "app", "read")
        with freeze_time("2026-03-01 10:00:00"):
            new, new_plaintext = old._rotate()

        self.assertRecordValues(new, [{"scope": "read", "name": "app", "expires_at": False}])
        with freeze_time("2026-03-02 09:59:59"):
            self.keys.invalidate_model(["state"])
            self.assertEqual(self.keys._authenticate(old_plaintext), old)
            self.assertEqual(self.keys._authenticate(new_plaintext), new)
        with freeze_time("2026-03-02 10:00:00"):
            self.keys.invalidate_model(["state"])
            self.assertFalse(self.keys._authenticate(old_plaintext))
            self.assertEqual(self.keys._authenticate(new_plaintext), new)
            with self.assertRaises(UserError):
                old._rotate()

    def test_the_last_use_is_written_at_most_once_a_minute(self):
        key, plaintext = self.keys._generate(self.service, "app")
        first = datetime(2026, 3, 1, 10)

        for seconds, expected in ((0, 0), (59, 0), (60, 60)):
            with self.subTest(seconds=seconds):
                with freeze_time(first + timedelta(seconds=seconds)):
                    self.keys._authenticate(plaintext)
                self.assertEqual(key.last_used_at, first + timedelta(seconds=expected))

    def test_a_manager_generates_a_key_over_rpc_and_nobody_else_does(self):
        manager = new_test_user(self.env, "fb-manager", groups=MANAGER_GROUP)
        viewer = new_test_user(self.env, "fb-viewer", groups=USER_GROUP)

        plaintext = self.service.with_user(manager).generate_key("script")

        self.assertEqual(self.keys._authenticate(plaintext).name, "script")
        for user in (viewer, self.service.user_id):
            with (
                self.subTest(user=user.login),
                mute_logger("odoo.addons.base.models.ir_model"),
                self.assertRaises(AccessError),
            ):
                self.service.with_user(user).generate_key("stolen")

    def test_the_wizard_hands_the_key_to_the_screen_and_stores_it_nowhere(self):
        manager = new_test_user(self.env, "fb-manager", groups=MANAGER_GROUP)
        wizard = (
            self.env["fusion.billing.api.key.wizard"]
            .with_user(manager)
            .create({"service_id": self.service.id, "name": "usage agent", "scope": "read"})
        )

        action = wizard.action_generate()

        plaintext = action["context"]["default_plaintext"]
        self.assertRecordValues(
            self.keys._authenticate(plaintext), [{"name": "usage agent", "scope": "read"}]
        )
        self.assertFalse(wizard._fields["plaintext"].store)
        shown = wizard.with_context(**action["context"]).default_get(["plaintext"])
        self.assertEqual(shown, {"plaintext": plaintext})

    def test_a_viewer_sees_that_a_key_exists_but_not_its_hash(self):
        key, _plaintext = self.keys._generate(self.service, "app")
        viewer = new_test_user(self.env, "fb-viewer", groups=USER_GROUP)

        self.assertEqual(key.with_user(viewer).prefix, key.prefix)
        with self.assertRaises(AccessError):
            key.with_user(viewer).read(["key_hash"])
        with self.assertRaises(AccessError):
            self.service.with_user(viewer).read(["webhook_secret"])

    def test_an_expiry_date_in_the_past_refuses_the_key(self):
        key, plaintext = self.keys._generate(self.service, "app")
        key.expires_at = fields.Datetime.to_datetime("2026-03-01 00:00:00")

        with freeze_time("2026-03-01 00:00:01"):
            key.invalidate_recordset(["state"])
            self.assertFalse(self.keys._authenticate(plaintext))
