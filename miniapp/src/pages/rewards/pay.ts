import { platform } from "@/platform";
import type { Payment } from "@/platform/platform";

/** Ask the member to pay where the server's answer has a payment; rewards for points alone have none. Throws Declined. */
export async function payWhere(payment: Payment | null): Promise<void> {
  if (payment) await platform.requestPayment(payment);
}
