import { createPublicKey } from "node:crypto"
import { assert, client, listed, ok, refused } from "./harness.mjs"

const endpoints = client.webhookEndpoints
const values = { webhook_url: "https://app.example.com/hooks", signature_algo: "hmac" }

const { webhook_endpoint: made } = await ok(endpoints.createWebhookEndpoint({ webhook_endpoint: values }))
assert.equal(made.signature_algo, "hmac")
const { webhook_endpoint: found } = await ok(endpoints.findWebhookEndpoint(made.lago_id))
assert.equal(found.webhook_url, values.webhook_url)
const { webhook_endpoint: moved } = await ok(endpoints.updateWebhookEndpoint(made.lago_id, {
  webhook_endpoint: { webhook_url: "https://app.example.com/other" },
}))
assert(moved.webhook_url.endsWith("/other") && moved.signature_algo === "hmac")
assert.equal((await listed(endpoints.findAllWebhookEndpoints({}), "webhook_endpoints")).length, 1)

const text = (await client.webhooks.fetchPublicKey()).data
const { webhook: { public_key: encoded } } = await ok(client.webhooks.fetchJsonPublicKey())
const pem = (value) => Buffer.from(value, "base64").toString()
assert.equal(pem(text), pem(encoded))
assert.equal(createPublicKey(pem(encoded)).asymmetricKeyType, "rsa")

await refused(endpoints.createWebhookEndpoint({ webhook_endpoint: { webhook_url: "ftp://x" } }), 422,
  "validation_errors", { webhook_url: ["value_is_invalid"] })
await ok(endpoints.destroyWebhookEndpoint(made.lago_id))
await refused(endpoints.findWebhookEndpoint(made.lago_id), 404, "webhook_endpoint_not_found")
