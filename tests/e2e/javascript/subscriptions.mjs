import { assert, client, customer, listed, ok, refused, subscription } from "./harness.mjs"

const subscriptions = client.subscriptions
await customer("subscriber")

const made = await subscription("subscriber", "s-1", { name: "Office" })
assert(made.status === "active" && made.plan.code === "pro")
const again = await subscription("subscriber", "s-1", { name: "Office" })
assert.equal(again.lago_id, made.lago_id)
const { subscription: found } = await ok(subscriptions.findSubscription("s-1", {}))
assert.equal(found.name, "Office")
const { subscription: changed } = await ok(subscriptions.updateSubscription("s-1", {
  subscription: { name: "Head office", ending_at: "2027-03-10T00:00:00Z" },
}))
assert(changed.name === "Head office" && changed.ending_at === "2027-03-10T00:00:00Z")
const { subscription: endless } = await ok(subscriptions.updateSubscription("s-1", {
  subscription: { ending_at: null },
}))
assert.equal(endless.ending_at, null)

const later = await subscription("subscriber", "s-2", { subscription_at: "2026-05-01T04:00:00Z" })
assert.equal(later.status, "pending")
const own = { external_customer_id: "subscriber" }
const ids = async (query) =>
  (await listed(subscriptions.findAllSubscriptions({ ...own, ...query }), "subscriptions"))
    .map(({ external_id }) => external_id).sort()
assert.deepEqual(await ids({}), ["s-1"])
// Both spellings of an array.
assert.deepEqual(await ids({ "status[]": ["active", "pending"] }), ["s-1", "s-2"])
assert.deepEqual(await ids({ status: ["pending"] }), ["s-2"])
const { subscription: canceled } = await ok(
  subscriptions.destroySubscription("s-2", { status: "pending" }))
assert.equal(canceled.status, "canceled")

await refused(subscriptions.createSubscription({ subscription: { external_id: "s-3" } }), 422,
  "validation_errors")
await refused(subscriptions.createSubscription({
  subscription: { external_customer_id: "subscriber", external_id: "s-3", plan_code: "no" },
}), 404, "plan_not_found")
await refused(subscriptions.findSubscription("nothing", {}), 404, "subscription_not_found")
const { subscription: ended } = await ok(subscriptions.destroySubscription("s-1", {}))
assert.equal(ended.status, "terminated")
await refused(subscriptions.destroySubscription("s-1", {}), 404, "subscription_not_found")
