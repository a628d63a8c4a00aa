"""POST /customers/{id}/checkout_url: where a customer saves a card, and what the card pays then."""

from urllib.parse import urlsplit

from odoo.tests import tagged

from .api_common import ApiCase


@tagged("post_install", "-at_install")
class TestApiCheckoutUrl(ApiCase):
    def setUp(self) -> None:
        super().setUp()
        self.customer()
        self.subscribe()
        self.link = self.service.link_ids
        self.order = self.service.subscription_ids
        self.provider = self.env["payment.provider"].search(
            [("code", "=", "stripe"), ("company_id", "=", self.env.company.id)], limit=1
        )
        self.provider.write(
            {
                "state": "test",
                "is_published": True,
                "allow_tokenization": True,
                "stripe_secret_key": "sk_x",
                "stripe_publishable_key": "pk_x",
            }
        )

    def asked(self, external_id: str = "acme", **options):
        return self.call("POST", f"/customers/{external_id}/checkout_url", **options)

    def follow(self):
        """The customer's browser on the link."""
        status, body = self.asked()
        self.assertEqual(status, 200, body)
        self.env.flush_all()
        answer = self.url_open(urlsplit(body["customer"]["checkout_url"]).path)
        self.env.invalidate_all()
        return answer

    def save_card(self, partner=None):
        """What Odoo keeps once the provider says that a card was saved."""
        partner = partner or self.link.partner_id
        method = self.env.ref("payment.payment_method_card")
        own = {
            "provider_id": self.provider.id,
            "payment_method_id": method.id,
            "partner_id": partner.id,
        }
        token = self.env["payment.token"].create(
            {**own, "payment_details": "4242", "provider_ref": "cus_1"}
        )
        transaction = self.env["payment.transaction"].create(
            {
                **own,
                "reference": f"V-{token.id}",
                "amount": 0.0,
                "currency_id": self.currency.id,
                "operation": "validation",
                "token_id": token.id,
                "state": "done",
            }
        )
        transaction._post_process()
        return token

    def test_the_answer_has_lagos_shape(self) -> None:
        status, body = self.asked()
        self.assertEqual(status, 200, body)
        customer = body["customer"]
        address = customer.pop("checkout_url")
        self.assertTrue(address.startswith(self.link.get_base_url()), address)
        shown = self.call("GET", "/customers/acme")[1]["customer"]
        self.assertEqual(
            customer,
            {
                "lago_customer_id": shown["lago_id"],
                "external_customer_id": "acme",
                "payment_provider": "stripe",
                "payment_provider_code": "stripe",
            },
        )

    def test_the_link_leads_to_odoos_page_of_saved_cards_signed_in(self) -> None:
        answer = self.follow()
        self.assertEqual(answer.status_code, 200)
        self.assertTrue(urlsplit(answer.url).path.endswith("/my/payment_method"), answer.url)
        self.assertIn(f'data-provider-id="{self.provider.id}"', answer.text)
        self.assertTrue(self.link.card_asked_at)

    def test_the_card_that_is_saved_there_pays_what_runs(self) -> None:
        self.follow()
        token = self.save_card()
        self.assertEqual(self.order.payment_token_id, token)
        self.assertFalse(self.link.card_asked_at)
        another = self.save_card()
        self.assertEqual(self.order.payment_token_id, token, "nobody asked for another one")
        self.follow()
        another = self.save_card()
        self.assertEqual(self.order.payment_token_id, another)

    def test_only_the_service_that_asked_gets_the_card(self) -> None:
        other, key = self.make_service("other")
        other.write({"product_id": self.base_product.id, "usage_product_id": self.base_product.id})
        self.make_plan(other, "basic", 5.0)
        body = {"customer": {"external_id": "x", "email": "billing@acme.example"}}
        self.assertEqual(self.call("POST", "/customers", body, key=key)[0], 200)
        new = {"external_customer_id": "x", "external_id": "s", "plan_code": "basic"}
        self.assertEqual(
            self.call("POST", "/subscriptions", {"subscription": new}, key=key)[0], 200
        )
        self.assertEqual(other.link_ids.partner_id, self.link.partner_id)
        self.link.action_confirm()
        self.follow()
        token = self.save_card()
        self.assertEqual(self.order.payment_token_id, token)
        self.assertFalse(other.subscription_ids.payment_token_id)

    def test_a_service_in_shadow_charges_nothing(self) -> None:
        self.follow()
        self.service.mode = "shadow"
        self.save_card()
        self.assertFalse(self.order.payment_token_id)

    def test_without_a_provider_that_saves_cards_it_is_422(self) -> None:
        for change in ({"state": "disabled", "is_published": False}, {"allow_tokenization": False}):
            before = {name: self.provider[name] for name in ("state", "is_published")}
            self.provider.write(change)
            self.assert_invalid(self.asked(), base=["no_linked_payment_provider"])
            self.provider.write(before)

    def test_an_account_that_was_found_and_not_confirmed_stays_closed(self) -> None:
        self.link.match_method = "email"
        self.assert_invalid(self.asked(), base=["customer_must_be_confirmed"])

    def test_another_services_customer_is_404_like_nothing(self) -> None:
        _other, key = self.make_service("other")
        self.assert_not_found(self.asked(key=key), "customer_not_found")
        self.assert_not_found(self.asked("nobody"), "customer_not_found")
