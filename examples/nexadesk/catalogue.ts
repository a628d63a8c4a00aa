// What NexaDesk sells: 49.00 a month ahead, 100 resolved tickets in it, 0.40 for each one more.
import { billing, once } from "./billing.ts"

export async function publish(): Promise<void> {
  await once(() => billing.billableMetrics.createBillableMetric({
    billable_metric: { name: "Resolved tickets", code: "tickets", aggregation_type: "count_agg" },
  }))
  const { data } = await billing.billableMetrics.findBillableMetric("tickets")
  await once(() => billing.plans.createPlan({
    plan: {
      name: "Desk", code: "desk", interval: "monthly",
      amount_cents: 4900, amount_currency: "CAD", pay_in_advance: true,
      charges: [{
        billable_metric_id: data.billable_metric.lago_id,
        charge_model: "graduated",
        properties: {
          graduated_ranges: [
            { from_value: 0, to_value: 100, per_unit_amount: "0", flat_amount: "0" },
            { from_value: 100, to_value: null, per_unit_amount: "0.40", flat_amount: "0" },
          ],
        },
      }],
    },
  }))
}
