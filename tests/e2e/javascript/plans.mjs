import { assert, client, listed, ok, refused } from "./harness.mjs"

const plans = client.plans
const { billable_metric: calls } = await ok(client.billableMetrics.createBillableMetric({
  billable_metric: {
    name: "Calls", code: "calls", aggregation_type: "count_agg",
    filters: [{ key: "region", values: ["eu", "us"] }],
  },
}))
const standard = (amount) => ({
  billable_metric_id: calls.lago_id, charge_model: "standard", properties: { amount },
})
const values = {
  name: "Team", code: "team", interval: "monthly", amount_cents: 4999, amount_currency: "CAD",
  pay_in_advance: true, charges: [{ code: "calls", ...standard("0.5") }],
}

const { plan: made } = await ok(plans.createPlan({ plan: values }))
assert.deepEqual(made.charges.map(({ properties }) => properties), [{ amount: "0.5" }])
const { plan: found } = await ok(plans.findPlan("team"))
assert.equal(found.amount_cents, 4999)
const { plan: changed } = await ok(plans.updatePlan("team", { plan: { name: "Crew" } }))
assert(changed.name === "Crew" && changed.amount_cents === 4999)
const all = await listed(plans.findAllPlans({}), "plans")
assert(all.some(({ code }) => code === "team"))

const { charge } = await ok(plans.createPlanCharge("team", {
  charge: { code: "more-calls", ...standard("0.25") },
}))
assert.equal(charge.properties.amount, "0.25")
await ok(plans.findPlanCharge("team", "more-calls"))
const { charge: dearer } = await ok(plans.updatePlanCharge("team", "more-calls", {
  charge: { properties: { amount: "0.3" } },
}))
assert.equal(dearer.properties.amount, "0.3")
assert.equal((await listed(plans.findAllPlanCharges("team", {}), "charges")).length, 2)
const at = ["team", "more-calls"]
const { filter } = await ok(plans.createPlanChargeFilter(...at, {
  filter: { values: { region: ["eu"] }, properties: { amount: "0.4" } },
}))
const { filter: european } = await ok(plans.findPlanChargeFilter(...at, filter.lago_id))
assert.deepEqual(european.values, { region: ["eu"] })
const { filter: named } = await ok(plans.updatePlanChargeFilter(...at, filter.lago_id, {
  filter: { invoice_display_name: "Europe" },
}))
assert(named.invoice_display_name === "Europe" && named.properties.amount === "0.4")
assert.equal((await listed(plans.findAllPlanChargeFilters(...at, {}), "filters")).length, 1)
await ok(plans.destroyPlanChargeFilter(...at, filter.lago_id, {}))
await refused(plans.findPlanChargeFilter(...at, filter.lago_id), 404, "charge_filter_not_found")
await ok(plans.destroyPlanCharge("team", "more-calls", {}))
await refused(plans.findPlanCharge("team", "more-calls"), 404, "charge_not_found")

await refused(plans.createPlan({ plan: values }), 422, "validation_errors",
  { code: ["value_already_exist"] })
await refused(plans.createPlan({ plan: { ...values, code: "b", charges: [standard(0.5)] } }),
  422, "validation_errors")
await refused(plans.findPlan("nothing"), 404, "plan_not_found")
await ok(plans.destroyPlan("team"))
await refused(plans.findPlan("team"), 404, "plan_not_found")
