import { assert, client, listed, ok, refused } from "./harness.mjs"

const fees = client.fees
const own = { external_customer_id: "billed-fees" }
const [fee] = await listed(fees.findAllFees({ ...own, fee_type: "subscription" }), "fees")
assert(fee.amount_cents === 2000 && fee.taxes_amount_cents === 260)
const { fee: found } = await ok(fees.findFee(fee.lago_id))
assert(found.item.code === "pro" && found.units === "1.0")
assert.deepEqual(await listed(fees.findAllFees({ ...own, fee_type: "charge" }), "fees"), [])

await refused(fees.updateFee(fee.lago_id, { fee: { payment_status: "succeeded" } }), 405, "invoiced_fee")
await refused(fees.deleteFee(fee.lago_id), 405, "invoiced_fee")
await refused(fees.findFee("nothing"), 404, "fee_not_found")
