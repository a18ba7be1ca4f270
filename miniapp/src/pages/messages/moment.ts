/** The platform asks about this many templates at once. */
export const MOST = 3;
const WEEK_MS = 7 * 86_400_000;

/** Whether a week has passed since the member refused, at `refusedAt` in ISO 8601; "" if they never have. */
export function mayAsk(refusedAt: string, now: Date): boolean {
  const since = now.getTime() - Date.parse(refusedAt);
  return Number.isNaN(since) || since >= WEEK_MS;
}

/** At most three messages that the member does not get yet, and about which the platform would show its dialog. */
export function worthAsking<M extends { template: string; granted: number }>(messages: readonly M[], settled: readonly string[]): M[] {
  return messages.filter((message) => !message.granted && !settled.includes(message.template)).slice(0, MOST);
}
