"""/customers/{id}/payment_methods: which cards there are, which one pays, and their end."""

from odoo.tests import tagged

from .api_common import ApiCase

NOTHING = "1321c55a-da3a-8011-8000-0000ffffffff"


@tagged("post_install", "-at_install")
class TestApiPaymentMethods(ApiCase):
    def setUp(self) -> None:
        super().setUp()
        self.customer()
        self.subscribe()
        self.link = self.service.link_ids
        self.order = self.service.subscription_ids
        self.provider = self.env["payment.provider"].search(
            [("code", "=", "stripe"), ("company_id", "=", self.env.company.id)], limit=1
        )
        self.old, self.new = self.card("pm_1"), self.card("pm_2")

    def card(self, name: str, partner=None):
        return self.env["payment.token"].create(
            {
                "provider_id": self.provider.id,
                "payment_method_id": self.env.ref("payment.payment_method_card").id,
                "partner_id": (partner or self.link.partner_id).id,
                "payment_details": "4242",
                "provider_ref": "cus_1",
                "stripe_payment_method": name,
            }
        )

    def id_of(self, token) -> str:
        return self.env["fusion.billing.serialize"]._id("payment_method", token)

    def ask(self, method: str = "GET", path: str = "", customer: str = "acme", key: str = ""):
        return self.call(method, f"/customers/{customer}/payment_methods{path}", key=key)

    def test_cards_are_listed_with_the_one_that_pays(self) -> None:
        self.order.payment_token_id = self.old
        stranger = self.env["res.partner"].create({"name": "Stranger"})
        self.card("pm_3", stranger)
        status, body = self.ask()
        self.assertEqual((status, body["meta"]["total_count"]), (200, 2))
        self.assertEqual(
            [(card["provider_method_id"], card["is_default"]) for card in body["payment_methods"]],
            [("pm_2", False), ("pm_1", True)],
        )
        self.assertEqual(body["payment_methods"][1]["lago_id"], self.id_of(self.old))

    def test_another_card_pays_from_now_on(self) -> None:
        self.order.payment_token_id = self.old
        status, body = self.ask("PUT", f"/{self.id_of(self.new)}/set_as_default")
        self.assertEqual((status, body["payment_method"]["is_default"]), (200, True))
        self.assertEqual(self.order.payment_token_id, self.new)
        self.call("DELETE", "/subscriptions/sub-1")
        answer = self.ask("PUT", f"/{self.id_of(self.old)}/set_as_default")
        self.assert_invalid(answer, base=["no_active_subscription"])

    def test_a_card_that_is_deleted_pays_nothing(self) -> None:
        self.order.payment_token_id = self.old
        status, body = self.ask("DELETE", f"/{self.id_of(self.old)}")
        self.assertEqual((status, body["payment_method"]["provider_method_id"]), (200, "pm_1"))
        self.assertFalse(self.old.active)
        self.assertFalse(self.order.payment_token_id)
        answer = self.ask("DELETE", f"/{self.id_of(self.old)}")
        self.assert_not_found(answer, "payment_method_not_found")
        self.assertEqual(self.ask()[1]["meta"]["total_count"], 1)

    def test_cards_of_another_customer_are_404_like_nothing(self) -> None:
        self.customer("rival", name="Rival Ltd.", email="r@rival.example", address_line1="9 Bay St")
        for lago_id in (self.id_of(self.old), NOTHING, "x"):
            for method, path in (("PUT", f"/{lago_id}/set_as_default"), ("DELETE", f"/{lago_id}")):
                answer = self.ask(method, path, customer="rival")
                self.assert_not_found(answer, "payment_method_not_found")

    def test_another_service_sees_none_of_them(self) -> None:
        _other, key = self.make_service("other")
        for method, path in (
            ("GET", ""),
            ("PUT", f"/{self.id_of(self.old)}/set_as_default"),
            ("DELETE", f"/{self.id_of(self.old)}"),
        ):
            self.assert_not_found(self.ask(method, path, key=key), "customer_not_found")
        # A customer of the same address is the same contact, and no way to its cards.
        body = {"customer": {"external_id": "x", "email": "billing@acme.example"}}
        self.assertEqual(self.call("POST", "/customers", body, key=key)[0], 200)
        for method, path in (("GET", ""), ("DELETE", f"/{self.id_of(self.old)}")):
            answer = self.ask(method, path, customer="x", key=key)
            self.assert_invalid(answer, base=["customer_must_be_confirmed"])
        self.assertTrue(self.old.active)
