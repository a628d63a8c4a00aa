// A customer signs up, works through March, and looks at what April's invoice will say.
import { billing } from "./billing.ts"
import { publish } from "./catalogue.ts"

const CUSTOMER = "maple-motors", SUBSCRIPTION = "desk-maple-motors"

await publish()
await billing.customers.createCustomer({
  customer: {
    external_id: CUSTOMER, name: "Maple Motors", email: "office@maple-motors.example",
    address_line1: "12 Elm St", city: "Toronto", state: "ON", zipcode: "M4C 1A1", country: "CA",
  },
})
await billing.subscriptions.createSubscription({
  subscription: {
    external_customer_id: CUSTOMER, external_id: SUBSCRIPTION, plan_code: "desk",
    billing_time: "calendar", subscription_at: "2026-03-01T05:00:00Z",
  },
})

// 130 tickets, six hours apart. The ticket's own number is the event's id: sent again, it is not
// counted again, so there is nothing to remember here.
const tickets = Array.from({ length: 130 }, (_, number) => ({
  transaction_id: `ticket-${number + 1}`,
  external_subscription_id: SUBSCRIPTION,
  code: "tickets",
  timestamp: String(Date.UTC(2026, 2, 1, 5) / 1000 + number * 5 * 3600),
}))
for (let start = 0; start < tickets.length; start += 100) {
  await billing.events.createBatchEvents({ events: tickets.slice(start, start + 100) })
}

const { data } = await billing.customers.findCustomerCurrentUsage(
  CUSTOMER, { external_subscription_id: SUBSCRIPTION })
console.log(`${data.customer_usage.charges_usage[0].units} tickets, ` +
  `${(data.customer_usage.amount_cents / 100).toFixed(2)} on top of the fee`)
