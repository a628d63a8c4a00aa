import { assert, client, listed, ok, refused } from "./harness.mjs"

const metrics = client.billableMetrics
const values = { name: "Storage", code: "storage", aggregation_type: "sum_agg", field_name: "gb" }

const { billable_metric: made } = await ok(metrics.createBillableMetric({ billable_metric: values }))
assert.equal(made.aggregation_type, "sum_agg")
const { billable_metric: found } = await ok(metrics.findBillableMetric("storage"))
assert.equal(found.lago_id, made.lago_id)
const { billable_metric: changed } = await ok(
  metrics.updateBillableMetric("storage", { billable_metric: { name: "Disk" } }))
assert.equal(changed.name, "Disk")
assert(changed.code === "storage" && changed.field_name === "gb")
const all = await listed(metrics.findAllBillableMetrics({}), "billable_metrics")
assert(all.some(({ code }) => code === "storage"))

await refused(metrics.createBillableMetric({ billable_metric: values }), 422, "validation_errors",
  { code: ["value_already_exist"] })
await refused(metrics.findBillableMetric("nothing"), 404, "billable_metric_not_found")
await ok(metrics.destroyBillableMetric("storage"))
await refused(metrics.findBillableMetric("storage"), 404, "billable_metric_not_found")
