// The one place that knows where the billing system is.
import { Client, getLagoError } from "lago-javascript-client"

export const billing = Client(process.env.BILLING_KEY!, { baseUrl: process.env.BILLING_URL })

/** Make something unless it is there: what a code or an address is taken by is ours. */
export async function once(make: () => Promise<unknown>): Promise<void> {
  try {
    await make()
  } catch (error) {
    const { error_details: details } = (await getLagoError<typeof make>(error)) as {
      error_details?: Record<string, string[]>
    }
    if (!Object.values(details ?? {}).flat().includes("value_already_exist")) throw error
  }
}
