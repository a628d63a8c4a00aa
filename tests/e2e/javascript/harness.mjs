// What each script shares: the unmodified client, a note of every call, and what a refusal says.
import assert from "node:assert/strict"
import { Client, getLagoError } from "lago-javascript-client"

export { assert }
export const client = recording(Client(process.env.BILLING_KEY, { baseUrl: process.env.BILLING_URL }))

// Ontario, so that HST is on every invoice.
export const ADDRESS = {
  address_line1: "1 King St", city: "Toronto", state: "ON", zipcode: "M5H 1A1", country: "CA",
}

// The data of a call that must succeed.
export async function ok(call) {
  const answer = await call
  assert.equal(answer.status, 200)
  return answer.data
}

// A call that must be refused: its status, its code and its fields as the client's helper reads them.
export async function refused(call, status, code, details) {
  const error = await call.then(() => assert.fail("it was not refused"), (thrown) => thrown)
  assert.equal(error.status, status)
  const body = await getLagoError(error)
  assert.equal(body.code, code)
  if (details) assert.deepEqual(body.error_details, details)
}

// Every list has its rows under its plural and says how many there are.
export async function listed(call, plural) {
  const data = await ok(call)
  assert.equal(data.meta.total_count, data[plural].length)
  return data[plural]
}

export async function customer(id) {
  const { customer } = await ok(client.customers.createCustomer({
    customer: { external_id: id, name: `Customer ${id}`, email: "a@example.com", ...ADDRESS },
  }))
  return customer
}

export async function subscription(customerId, id, values = {}) {
  const { subscription } = await ok(client.subscriptions.createSubscription({
    subscription: {
      external_customer_id: customerId, external_id: id, plan_code: "pro",
      billing_time: "anniversary", ...values,
    },
  }))
  return subscription
}

export async function invoiceOf(customerId) {
  const [invoice] = await listed(
    client.invoices.findAllInvoices({ external_customer_id: customerId }), "invoices")
  return invoice
}

// Prints "called resource.method" for each call, so that the test can tell what was driven.
function recording(api) {
  return new Proxy(api, {
    get(target, resource) {
      const group = target[resource]
      if (typeof group !== "object" || group === null) return group
      return new Proxy(group, {
        get(methods, name) {
          return (...values) => {
            console.log(`called ${resource}.${name}`)
            return methods[name](...values)
          }
        },
      })
    },
  })
}
