import { assert, client, customer, listed, ok, refused, subscription } from "./harness.mjs"

const events = client.events
await customer("user")
await subscription("user", "e-1")
const event = (id, gb, values = {}) => ({
  transaction_id: id, external_subscription_id: "e-1", code: "bandwidth",
  timestamp: 1773154800, properties: { gb }, ...values,
})

const { event: made } = await ok(events.createEvent({ event: event("t-1", 700) }))
assert.equal(made.disposition.status, "accepted")
const { event: repeated } = await ok(events.createEvent({ event: event("t-1", 700) }))
assert.equal(repeated.lago_id, made.lago_id)
const { events: batch } = await ok(events.createBatchEvents({
  events: [event("t-2", "300.5"), event("t-3", 250), event("t-4", 1, { code: "unheard" })],
}))
assert.deepEqual(batch.map(({ disposition }) => disposition.status),
  ["accepted", "accepted", "parked"])
const { event: found } = await ok(events.findEvent("t-1"))
assert.deepEqual(found.properties, { gb: 700 })
const all = await listed(events.findAllEvents({ external_subscription_id: "e-1" }), "events")
assert.equal(all.length, 4)
// 1,250.5 GB, 1,000 of them included: 250.5 x 0.05 = 12.525, and HST.
const { customer_usage: usage } = await ok(
  client.customers.findCustomerCurrentUsage("user", { external_subscription_id: "e-1" }))
assert.equal(usage.charges_usage[0].units, "1250.5")
assert.deepEqual([usage.amount_cents, usage.taxes_amount_cents], [1253, 163])
// 10 GB more: 0.50.
const { fees: [fee] } = await ok(events.eventEstimateFees({
  event: { external_subscription_id: "e-1", code: "bandwidth", properties: { gb: 10 } },
}))
assert(fee.amount_cents === 50 && fee.item.code === "bandwidth")
const tenGb = { external_subscription_id: "e-1", code: "bandwidth", properties: { gb: 10 } }
const { fees: [instant] } = await ok(events.eventEstimateInstantFees({ event: tenGb }))
assert.equal(Number(instant.amount_cents), 50)
const { fees: several } = await ok(
  events.eventBatchEstimateInstantFees({ events: [tenGb, { ...tenGb, properties: { gb: 20 } }] }))
assert.deepEqual(several.map(({ amount_cents }) => Number(amount_cents)), [50, 100])

await refused(events.createEvent({ event: event("t-1", 701) }), 422, "validation_errors",
  { transaction_id: ["value_already_exist"] })
await refused(events.createBatchEvents({ events: [event("t-5", 1), { code: "bandwidth" }] }), 422,
  "validation_errors", {
    1: { external_subscription_id: ["value_is_mandatory"], transaction_id: ["value_is_mandatory"] },
  })
await refused(events.findEvent("t-5"), 404, "event_not_found")
