"""A row of each model that `test_security.py` has no other way to make."""

from datetime import datetime


def imported_rows(env, service, order, tag: str) -> list:
    """Of an import: its report, a line, its progress, a deployment, what is kept of Lago."""
    run = env["fusion.billing.import.run"].create(
        {"service_id": service.id, "source": "nexacloud", "mode": "run"}
    )
    told = {"object": "plans", "external_id": tag, "outcome": "created", "severity": "info"}
    line = env["fusion.billing.import.line"].create({**told, "run_id": run.id})
    progress = env["fusion.billing.import.progress"].create(
        {"run_key": run.id, "company_key": service.company_id.id}
    )
    deployment = env["fusion.billing.deployment"].create(
        {"service_id": service.id, "order_id": order.id, "external_id": tag, "name": tag}
    )
    kept = env["fusion.billing.lago.record"].create(
        {"service_id": service.id, "kind": "tax", "external_id": tag, "name": tag}
    )
    return [run, line, progress, deployment, kept]


def cutover_rows(env, service, order) -> list:
    """A cut-over and its line."""
    cutover = env["fusion.billing.cutover"].create({"service_id": service.id})
    told = {"cutover_id": cutover.id, "order_id": order.id}
    return [cutover, env["fusion.billing.cutover.line"].create(told)]


def stripe_rows(env, service, tag: str) -> list:
    """Of a Stripe account, and of no service."""
    company = service.company_id
    provider = env["payment.provider"].search(
        [("code", "=", "stripe"), ("company_id", "=", company.id)], limit=1
    )
    swept = {"provider_id": provider.id}
    difference = {**swept, "kind": "amount", "currency_id": company.currency_id.id}
    return [
        env["fusion.billing.stripe.difference"].create({**difference, "stripe_id": tag}),
        env["fusion.billing.stripe.sweep.run"].create(
            {**swept, "swept_at": datetime(2026, 3, 15, 12)}
        ),
    ]
