import { Client, getLagoError, parseRateLimitHeaders } from "lago-javascript-client"
import { assert, refused } from "./harness.mjs"

const at = (key) => Client(key, { baseUrl: process.env.BILLING_URL })
const stranger = await at("fbk_wrong").plans.findAllPlans({}).catch((error) => error)
assert.equal(stranger.status, 401)

const reader = at(process.env.READ_ONLY_KEY)
assert.equal((await reader.plans.findAllPlans({})).status, 200)
await refused(reader.plans.destroyPlan("pro"), 403, "write_action_not_allowed_for_plan")

// A base address that ends with a slash makes the client double it.
const doubled = Client(process.env.BILLING_KEY, { baseUrl: `${process.env.BILLING_URL}/` })
assert.equal((await doubled.plans.findPlan("pro")).data.plan.code, "pro")

// Three requests in ten seconds. Ten seconds may end on the way, hence more than four.
const limited = at(process.env.LIMITED_KEY)
let answer
for (let tries = 0; tries < 8 && answer?.status !== 429; tries += 1) {
  answer = await limited.plans.findPlan("pro").catch((error) => error)
  assert.equal(parseRateLimitHeaders(answer.headers).limit, 3)
}
assert.equal((await getLagoError(answer)).code, "too_many_requests")
assert.equal(parseRateLimitHeaders(answer.headers).remaining, 0)
