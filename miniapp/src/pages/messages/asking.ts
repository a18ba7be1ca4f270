import { api, Refused, type Schema } from "@/api";
import { platform } from "@/platform";
import { mayAsk, worthAsking } from "./moment";

type Message = Schema<"OfferedMessage">;

const REFUSED = "jifen-refused-messages";

/** The messages that the member may be asked about now, after something they did; none within a week of a refusal. */
export async function offeredNow(): Promise<Message[]> {
  if (!mayAsk(String(uni.getStorageSync(platform.scope + REFUSED) || ""), platform.now())) return [];
  const { messages } = await api.get("/subscriptions");
  return worthAsking(messages, await platform.settledMessages(messages.map((message) => message.template)));
}

/** The member wants none of it: not to be asked for a week. */
export function noteRefusal(): void {
  uni.setStorageSync(platform.scope + REFUSED, platform.now().toISOString());
}

/** Ask by the platform's dialog, and tell the server what was answered; how many are allowed. Throws Declined, and Failure. */
export async function askFor(templates: readonly string[]): Promise<number> {
  const answers = await platform.requestSubscribeMessage(templates);
  const accepted = templates.filter((template) => answers[template] === "accept");
  if (!accepted.length) noteRefusal();
  for (const template of templates) await tell(template, accepted.includes(template));
  return accepted.length;
}

/** A template that the rules have dropped meanwhile is skipped. */
async function tell(template: string, accepted: boolean): Promise<void> {
  try {
    await api.post("/subscriptions", { template, accepted });
  } catch (error) {
    if (!(error instanceof Refused) || error.code !== "unknown_template") throw error;
  }
}
