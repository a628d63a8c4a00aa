// Receive webhooks: check that they are genuine, deal with each once, answer quickly.
import { createHmac, timingSafeEqual } from "node:crypto"
import { createServer } from "node:http"
import { billing, once } from "./billing.ts"

const SECRET = process.env.BILLING_WEBHOOK_SECRET!
// A real app keeps these where it keeps its data.
const seen = new Set<string>()

function genuine(body: Buffer, signature: string): boolean {
  const expected = createHmac("sha256", SECRET).update(body).digest("base64")
  return signature.length === expected.length
    && timingSafeEqual(Buffer.from(signature), Buffer.from(expected))
}

const server = createServer(async (request, response) => {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part)
  const body = Buffer.concat(parts)
  if (!genuine(body, String(request.headers["x-lago-signature"] ?? ""))) {
    response.writeHead(401).end()
    return
  }
  const key = String(request.headers["x-lago-unique-key"])
  if (!seen.has(key)) {
    seen.add(key)
    const message = JSON.parse(body.toString())
    if (message.webhook_type === "invoice.created") {
      const { number, total_amount_cents, currency } = message.invoice
      console.log(`invoice ${number}: ${(total_amount_cents / 100).toFixed(2)} ${currency}`)
    } else {
      console.log(message.webhook_type)
    }
  }
  response.writeHead(200).end()
})

server.listen(Number(process.env.PORT ?? 0), "127.0.0.1", async () => {
  const { port } = server.address() as { port: number }
  const webhook_url = process.env.WEBHOOK_URL ?? `http://127.0.0.1:${port}/webhooks`
  await once(() => billing.webhookEndpoints.createWebhookEndpoint({
    webhook_endpoint: { webhook_url, signature_algo: "hmac" },
  }))
  console.log(`listening at ${webhook_url}`)
})
