import { assert, client, invoiceOf, listed, ok, refused } from "./harness.mjs"

const invoices = client.invoices
const { lago_id: id } = await invoiceOf("billed-invoices")

const { invoice } = await ok(invoices.findInvoice(id))
assert(invoice.status === "finalized" && invoice.total_amount_cents === 2260)
assert.deepEqual(invoice.fees.map(({ item, amount_cents }) => [item.code, amount_cents]), [["pro", 2000]])
const own = { external_customer_id: "billed-invoices" }
const named = await listed(invoices.findAllInvoices({ ...own, "status[]": ["finalized"] }), "invoices")
assert.equal(named.length, 1)
assert.deepEqual(await listed(invoices.findAllInvoices({ ...own, payment_status: "succeeded" }), "invoices"), [])
const metadata = [{ key: "po", value: "4711" }]
const { invoice: noted } = await ok(invoices.updateInvoice(id, { invoice: { metadata } }))
assert.equal(noted.metadata[0].value, "4711")
const { invoice: { file_url: url } } = await ok(invoices.downloadInvoice(id))
const pdf = await fetch(url)
assert.equal(pdf.headers.get("content-type"), "application/pdf")
assert.equal((await pdf.text()).slice(0, 5), "%PDF-")
const { invoice: first } = await ok(invoices.invoicePreview({
  customer: { name: "Nobody", city: "Calgary", state: "AB", country: "CA" }, plan_code: "pro",
}))
assert(first.status === "draft" && first.taxes_amount_cents > 0)

await refused(invoices.invoicePaymentUrl(id), 422, "validation_errors", { base: ["no_linked_payment_provider"] })
await refused(invoices.retryPayment(id, {}), 422, "validation_errors", { base: ["no_linked_payment_provider"] })
await refused(invoices.finalizeInvoice(id), 404, "invoice_not_found")
await refused(invoices.refreshInvoice(id), 404, "invoice_not_found")
await refused(invoices.invoicePreview({ plan_code: "nothing" }), 404, "plan_not_found")
await refused(invoices.findInvoice("nothing"), 404, "invoice_not_found")
await refused(invoices.deleteInvoice(id), 405, "invalid_status")
await refused(invoices.retryInvoice(id), 405, "invalid_status")
const { invoice: lost } = await ok(invoices.loseDisputeInvoice(id))
assert.ok(lost.payment_dispute_lost_at)
const { invoice: voided } = await ok(invoices.voidInvoice(id, {}))
assert.equal(voided.status, "voided")
await refused(invoices.voidInvoice(id, {}), 405, "not_voidable")
