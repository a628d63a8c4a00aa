import { assert, client, invoiceOf, listed, ok, refused } from "./harness.mjs"

const notes = client.creditNotes
const { lago_id } = await invoiceOf("billed-credit-notes")
const { invoice: { fees: [fee] } } = await ok(client.invoices.findInvoice(lago_id))
const items = [{ fee_id: fee.lago_id, amount_cents: 500 }]

const { estimated_credit_note: estimate } = await ok(
  notes.estimateCreditNote({ credit_note: { invoice_id: lago_id, items } }))
assert(estimate.taxes_amount_cents === 65 && estimate.max_creditable_amount_cents === 565)
const values = { invoice_id: lago_id, reason: "other", items, credit_amount_cents: 565 }
const { credit_note: note } = await ok(notes.createCreditNote({ credit_note: values }))
assert.equal(note.total_amount_cents, 565)
const { credit_note: found } = await ok(notes.findCreditNote(note.lago_id))
assert.equal(found.items[0].fee.lago_id, fee.lago_id)
const { credit_note: noted } = await ok(
  notes.updateCreditNote(note.lago_id, { credit_note: { metadata: { ticket: "7" } } }))
assert.deepEqual(noted.metadata, { ticket: "7" })
const own = { external_customer_id: "billed-credit-notes" }
assert.equal((await listed(notes.findAllCreditNotes(own), "credit_notes")).length, 1)
const { credit_note: { file_url: url } } = await ok(notes.downloadCreditNote(note.lago_id))
assert.equal((await (await fetch(url)).text()).slice(0, 5), "%PDF-")
const { credit_note: voided } = await ok(notes.voidCreditNote(note.lago_id))
assert.equal(voided.credit_status, "voided")

await refused(notes.createCreditNote({ credit_note: { ...values, refund_amount_cents: 1 } }), 422, "validation_errors")
await refused(notes.voidCreditNote(note.lago_id), 405, "no_voidable_amount")
await refused(notes.findCreditNote("nothing"), 404, "credit_note_not_found")
