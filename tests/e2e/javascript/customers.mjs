import { assert, client, customer, listed, ok, refused, subscription } from "./harness.mjs"

const customers = client.customers
// The client puts ids into paths as they are: these characters must come through.
const id = "a.b@c+d e:f"

const made = await customer(id)
assert.equal(made.external_id, id)
const { customer: changed } = await ok(customers.createCustomer({
  customer: { external_id: id, name: "Renamed", phone: null },
}))
assert(changed.name === "Renamed" && changed.lago_id === made.lago_id && changed.city === "Toronto")
const { customer: found } = await ok(customers.findCustomer(id))
assert.equal(found.name, "Renamed")
const all = await listed(customers.findAllCustomers({ search_term: "Renamed" }), "customers")
assert.deepEqual(all.map(({ external_id }) => external_id), [id])

await subscription(id, "of-customers")
const running = await listed(customers.findAllCustomerSubscriptions(id, {}), "subscriptions")
assert.deepEqual(running.map(({ external_id }) => external_id), ["of-customers"])
assert.deepEqual(await listed(customers.findAllCustomerInvoices(id, {}), "invoices"), [])
const query = { external_subscription_id: "of-customers" }
const { customer_usage: usage } = await ok(customers.findCustomerCurrentUsage(id, query))
assert(usage.amount_cents === 0 && usage.currency === "CAD")
const { customer_projected_usage: projected } = await ok(customers.findCustomerProjectedUsage(id, query))
assert.equal(projected.projected_amount_cents, 0)
assert.deepEqual(await listed(customers.findAllCustomerPayments(id, {}), "payments"), [])
assert.deepEqual(await listed(customers.findAllCustomerCreditNotes(id, {}), "credit_notes"), [])
const { usage_periods: past } = await ok(customers.findAllCustomerPastUsage(id, query))
assert.deepEqual(past, [])
assert.deepEqual(await listed(customers.findAllCustomersPaymentMethods(id, {}), "payment_methods"), [])
await refused(customers.paymentMethodSetAsDefault("none", id), 404, "payment_method_not_found")
await refused(customers.destroyPaymentMethod("none", id), 404, "payment_method_not_found")
const { customer: { portal_url: link } } = await ok(customers.getCustomerPortalUrl(id))
const signedIn = await fetch(link, { redirect: "manual" })
const cookie = signedIn.headers.getSetCookie().find((one) => one.startsWith("session_id="))
const page = await fetch(new URL(signedIn.headers.get("location"), link), { headers: { cookie } })
assert.match(await page.text(), /Renamed/)

await refused(customers.createCustomer({ customer: { external_id: "a/b" } }), 422,
  "validation_errors", { external_id: ["value_is_invalid"] })
await refused(customers.createCustomer({ customer: { external_id: "x", country: "Narnia" } }), 422,
  "validation_errors", { country: ["not_a_valid_country_code"] })
await refused(customers.generateCustomerCheckoutUrl(id), 422, "validation_errors",
  { base: ["no_linked_payment_provider"] })
await refused(customers.findCustomer("nobody"), 404, "customer_not_found")
await refused(customers.findCustomerCurrentUsage("nobody", query), 404, "customer_not_found")
await ok(customers.destroyCustomer(id))
await refused(customers.findCustomer(id), 404, "customer_not_found")
