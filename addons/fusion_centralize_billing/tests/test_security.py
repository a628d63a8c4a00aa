"""A key reaches its own service's rows and no others; companies do not see each other."""

from datetime import UTC, date, datetime
from decimal import Decimal

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..engine.bucket import Bucket
from ..engine.counter_item import CounterItem
from ..engine.usage_item import IngestItem
from .common import BillingCase
from .dual_run_case import compared_rows
from .security_rows import cutover_rows, imported_rows, stripe_rows

ACCESS_LOGGERS = ("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule")
GROUPS = {
    name: f"fusion_centralize_billing.group_fusion_billing_{name}"
    for name in ("user", "manager", "api")
}


@tagged("post_install", "-at_install")
class TestSecurity(BillingCase):
    """Loops over the registry, so that a new model cannot be forgotten."""

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.other = cls.make_service("desk")
        cls.mine = cls._one_of_each(cls.service, "a")
        cls.theirs = cls._one_of_each(cls.other, "b")
        cls.env.flush_all()

    @classmethod
    def _models(cls) -> dict:
        """Stored models of this addon, by name."""
        return {
            name: cls.env[name]
            for name in cls.env.registry
            if name.startswith("fusion.billing.")
            and not cls.env[name]._abstract
            and not cls.env[name]._transient
        }

    @classmethod
    def _one_of_each(cls, service, tag: str) -> dict:
        """``{model name: record}`` with a row of every model, all of this service."""
        records = [service, *cls._catalogue(service, tag), *cls._bookkeeping(service, tag)]
        return {record._name: record for record in records}

    @classmethod
    def _catalogue(cls, service, tag: str) -> list:
        metric = cls.make_metric(f"m-{tag}", service=service)
        charge = cls.make_charge(
            tag,
            service_id=service.id,
            plan_id=False,
            metric_id=metric.id,
            model="graduated",
            tier_ids=[Command.create({"unit_price": 1})],
        )
        own = cls.env["fusion.billing.charge.filter"].create(
            {
                "charge_id": charge.id,
                "values": {"region": ["eu"]},
                "tier_ids": [Command.create({"unit_price": 2})],
            }
        )
        key, _plaintext = cls.env["fusion.billing.api.key"]._generate(service, tag)
        return [metric, charge, charge.tier_ids, own, key]

    @classmethod
    def _bookkeeping(cls, service, tag: str) -> list:
        """Rows about one subscription in March 2026."""
        march = (date(2026, 3, 1), date(2026, 4, 1))
        plan = cls.make_plan(f"p-{tag}", 1.0, service=service)
        link = cls.make_link(f"c-{tag}", cls.partner, service=service)
        order = cls.make_order(f"s-{tag}", link=link, plan=plan, confirm=False)
        run = cls._row("run", service, as_of=march[1])
        of_order = {"subscription_id": order.id}
        compared = {"period_start": march[0], "period_end": march[1]}
        return [
            link,
            run,
            cls.make_usage(order, march[0], 1),
            cls.env["fusion.billing.run.line"].create(
                {"run_id": run.id, "order_id": order.id, "state": "skipped"}
            ),
            cls._row("period", service, start=march[0], end=march[1], **of_order),
            cls._event(service, tag),
            cls.env["fusion.billing.usage.push"]._record(service, "events", [(tag, "accepted")]),
            *cls._counter(service, tag),
            cls._row("idempotency", service, key=tag, fingerprint=tag, status=200),
            cls._row(
                "usage.seal",
                service,
                start=march[0],
                end=march[1],
                metric_id=service.metric_ids[:1].id,
                **of_order,
            ),
            cls._command(service, order),
            *cls._webhooks(service, tag),
            *cls._dunning(service, order),
            *cls._story(service, order),
            *cutover_rows(cls.env, service, order),
            *stripe_rows(cls.env, service, tag),
            *imported_rows(cls.env, service, order, tag),
            *compared_rows(cls.env, service, tag, {**compared, **of_order}),
        ]

    @classmethod
    def _command(cls, service, order):
        return cls.env["fusion.billing.command"]._issue(order, "suspend", "unpaid").sudo(False)

    @classmethod
    def _webhooks(cls, service, tag: str) -> list:
        values = {"webhook_type": "t", "object_type": "t", "payload": "{}"}
        webhook = cls._row("webhook", service, event_uuid=f"uuid-{tag}", **values)
        endpoint = cls._row("webhook.endpoint", service, url="https://app.example.com")
        of_both = {"webhook_id": webhook.id, "endpoint_id": endpoint.id}
        delivery = cls._row("webhook.delivery", service, **of_both)
        return [webhook, endpoint, delivery, cls._row("webhook.checkpoint", service)]

    @classmethod
    def _dunning(cls, service, order) -> list:
        policy = cls.env.ref("fusion_centralize_billing.dunning_policy_default").copy()
        service.dunning_policy_id = policy
        day, step = date(2026, 3, 2), policy.step_ids[0]
        since = {"opened_on": day, "counted_from": day}
        debt = {"order_id": order.id, "partner_id": cls.partner.id, "policy_id": policy.id}
        case = cls._row("dunning.case", service, **debt, **since)
        action = cls.env["fusion.billing.dunning.action"].create(
            {
                "case_id": case.id,
                "action": "mail",
                "due_on": day,
                "done_on": day,
                "done_at": cls.NOW,
                "outcome": "done",
            }
        )
        return [policy, step, case, action]

    @classmethod
    def _story(cls, service, order) -> list:
        values = {"order_id": order.id, "before": "active", "after": "past_due"}
        change = cls._row("state.change", service, changed_at=cls.NOW, **values)
        clock = cls._row("service.clock", service, set_at=cls.NOW)
        cls.env.flush_all()
        told = [("service_id", "=", service.id), ("kind", "=", "state")]
        return [change, clock, cls.env["fusion.billing.story"].search(told)]

    @classmethod
    def _event(cls, service, tag: str):
        item = IngestItem(tag, f"s-{tag}", "gb", datetime(2026, 3, 1, 12, tzinfo=UTC))
        (disposition,) = cls.env["fusion.billing.ingest"]._ingest(service, [item])
        return cls.env["fusion.billing.usage.event"].browse(disposition.event_id)

    @classmethod
    def _counter(cls, service, tag: str) -> list:
        item = CounterItem(f"s-{tag}", "gb", Bucket.parse("2026-03-01"), Decimal(1), 1)
        (answer,) = cls.env["fusion.billing.counter"]._set(service, [item])
        counter = cls.env["fusion.billing.usage.counter"].browse(answer.counter_id)
        return [counter, counter.push_ids]

    @classmethod
    def _row(cls, name: str, service, **values):
        return cls.env[f"fusion.billing.{name}"].create({"service_id": service.id, **values})

    def test_the_fixture_has_a_row_of_every_stored_model(self):
        self.assertEqual(set(self.mine), set(self._models()))

    def test_every_model_says_what_each_group_may_do(self):
        names = [
            name
            for name in self.env.registry
            if name.startswith("fusion.billing.") and not self.env[name]._abstract
        ]
        access = self.env["ir.model.access"].search([("model_id.model", "in", names)])
        stated = {(line.model_id.model, line.group_id) for line in access}
        groups = {name: self.env.ref(xmlid) for name, xmlid in GROUPS.items()}
        missing = [
            (name, group)
            for name in names
            for group in groups
            if (name, groups[group]) not in stated
        ]
        self.assertEqual(missing, [])

    def test_every_model_has_a_company_rule_and_a_rule_for_technical_users(self):
        api_group = self.env.ref(GROUPS["api"])
        for name in self._models():
            with self.subTest(model=name):
                rules = self.env["ir.rule"].search([("model_id.model", "=", name)])
                self.assertEqual(rules.mapped("groups"), api_group)
                self.assertTrue(rules.filtered(lambda rule: not rule.groups))

    def test_a_technical_user_finds_only_rows_of_its_own_service(self):
        user = self.service.user_id
        for name, model in self._models().items():
            with self.subTest(model=name), mute_logger("odoo.addons.base.models.ir_model"):
                as_key = model.with_user(user)
                if not as_key.has_access("read"):
                    continue
                found = as_key.search([])
                self.assertIn(self.mine[name], found)
                self.assertNotIn(self.theirs[name], found)

    def test_a_technical_user_cannot_touch_a_row_of_another_service(self):
        user = self.service.user_id
        for name in self._models():
            row = self.theirs[name].with_user(user)
            for operation in ("read", "write", "unlink"):
                with (
                    self.subTest(model=name, operation=operation),
                    mute_logger(*ACCESS_LOGGERS),
                    self.assertRaises(AccessError),
                ):
                    row.check_access(operation)

    def test_a_technical_user_cannot_create_a_row_for_another_service(self):
        links = self.env["fusion.billing.account.link"].with_user(self.service.user_id)
        values = {"partner_id": self.partner.id, "external_id": "new", "match_method": "created"}

        self.assertTrue(links.create({**values, "service_id": self.service.id}).exists())
        with mute_logger("odoo.addons.base.models.ir_rule"), self.assertRaises(AccessError):
            links.create({**values, "service_id": self.other.id})
            self.env.flush_all()

    def test_a_technical_user_reads_no_key_run_or_native_record(self):
        for name in (
            "fusion.billing.api.key",
            "fusion.billing.run",
            "fusion.billing.run.line",
            "fusion.billing.reconciliation",
            "sale.order",
            "account.move",
            "res.partner",
            "res.users",
            "payment.token",
        ):
            with self.subTest(model=name):
                model = self.env[name].with_user(self.service.user_id)
                self.assertFalse(model.has_access("write"))
                self.assertFalse(model.has_access("create"))
                if name != "res.users":
                    self.assertFalse(model.has_access("read"))

    def test_a_viewer_reads_everything_and_writes_nothing(self):
        viewer = new_test_user(self.env, "fb-viewer", groups=GROUPS["user"])
        for name, model in self._models().items():
            with self.subTest(model=name):
                as_viewer = model.with_user(viewer)
                self.assertIn(self.mine[name], as_viewer.search([]))
                for operation in ("write", "create", "unlink"):
                    self.assertFalse(as_viewer.has_access(operation), operation)

    def test_nobody_edits_the_ledger_or_the_rollups_not_even_a_manager(self):
        manager = new_test_user(self.env, "fb-manager", groups=GROUPS["manager"])
        for name in ("usage", "usage.event", "period"):
            model = self.env[f"fusion.billing.{name}"].with_user(manager)
            for operation in ("write", "create", "unlink"):
                with self.subTest(model=name, operation=operation):
                    self.assertFalse(model.has_access(operation))

    def test_a_person_without_our_groups_sees_nothing_of_it(self):
        person = new_test_user(self.env, "fb-person", groups="base.group_user")
        for name, model in self._models().items():
            with self.subTest(model=name):
                self.assertFalse(model.with_user(person).has_access("read"))

    def test_another_company_sees_none_of_these_rows(self):
        company = self.env["res.company"].create({"name": "Elsewhere Ltd."})
        stranger = new_test_user(
            self.env,
            "fb-stranger",
            groups=GROUPS["manager"],
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
        for name, model in self._models().items():
            with self.subTest(model=name):
                found = model.with_user(stranger).with_company(company).search([])
                self.assertFalse(found & (self.mine[name] | self.theirs[name]))
