import { assert, client, invoiceOf, listed, ok, refused } from "./harness.mjs"

const payments = client.payments
const { lago_id } = await invoiceOf("billed-payments")
const payment = { invoice_id: lago_id, amount_cents: 2260, reference: "wire-1" }

const { payment: made } = await ok(payments.createPayment({ payment }))
assert(made.amount_cents === 2260 && made.reference === "wire-1")
const { payment: again } = await ok(payments.createPayment({ payment }))
assert.equal(again.lago_id, made.lago_id)
const { payment: found } = await ok(payments.findPayment(made.lago_id))
assert.deepEqual(found.invoice_ids, [lago_id])
const all = await listed(payments.findAllPayments({ external_customer_id: "billed-payments" }), "payments")
assert.equal(all.length, 1)
assert.equal((await invoiceOf("billed-payments")).payment_status, "succeeded")
const { paymentReceipts } = client
const [receipt] = await listed(paymentReceipts.findAllPaymentReceipts({ invoice_id: lago_id }), "payment_receipts")
assert.equal(receipt.payment.lago_id, made.lago_id)
const { payment_receipt: shown } = await ok(paymentReceipts.findPaymentReceipt(receipt.lago_id))
assert.equal(shown.number, receipt.number)

await refused(payments.createPayment({ payment: { ...payment, amount_cents: 1 } }), 422,
  "validation_errors", { reference: ["value_already_exist"] })
await refused(payments.findPayment("nothing"), 404, "payment_not_found")
