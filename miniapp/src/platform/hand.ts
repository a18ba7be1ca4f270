import { Failure } from "@/api/failures";
import { Declined } from "./platform";

/**
 * The emulator's hand: the page that embeds this one acts for the phone's owner. Both sides speak by `postMessage`:
 *
 * - this page asks `{jifen: "ask", id, what, args}`, and the hand answers `{jifen: "answer", id, result}`, or `{…, declined: true}`
 *   when the member refused, or `{…, error}` with a sentence;
 * - the hand tells `{jifen: "tell", what: "clock", now}` when the demo's clock was moved, `{…, what: "changed"}` when a message
 *   came, and `{…, what: "open", path}` to open a page.
 *
 * Only the origins that the server names in its page are spoken to.
 */
export interface Told {
  what: "clock" | "changed" | "open";
  now?: string;
  path?: string;
}

interface Waiting {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

interface Reply {
  jifen: "answer";
  id: number;
  result?: unknown;
  declined?: boolean;
  error?: string;
}

type Message = Reply | ({ jifen: "tell" } & Told);

/** No question has this number, so the hand's answer to it is heard by nobody. */
const UNANSWERED = 0;
const OUTSIDE = "请在微信里打开，或者在演示的手机页面里打开";

export class Hand {
  private readonly waiting = new Map<number, Waiting>();
  private readonly listeners = new Set<(told: Told) => void>();
  private last = 0;

  constructor(
    private readonly page: Window,
    private readonly origin: string,
  ) {
    page.addEventListener("message", (event: MessageEvent) => this.hear(event));
  }

  /** Ask the hand to do something, and wait for its answer. Throws Declined, and Failure. */
  ask<Result>(what: string, args: object = {}): Promise<Result> {
    if (!this.isThere) return Promise.reject(new Failure(OUTSIDE));
    this.last += 1;
    const id = this.last;
    this.page.parent.postMessage({ jifen: "ask", id, what, args }, this.origin);
    return new Promise<Result>((resolve, reject) => {
      this.waiting.set(id, { resolve: (result) => resolve(result as Result), reject });
    });
  }

  /** Tell the hand what needs no answer. Where no emulator embeds the page, nobody is told. */
  say(what: string, args: object = {}): void {
    if (this.isThere) this.page.parent.postMessage({ jifen: "ask", id: UNANSWERED, what, args }, this.origin);
  }

  /** Calls `listener` with everything that the hand tells; returns the way to stop. */
  listen(listener: (told: Told) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private get isThere(): boolean {
    return !!this.origin && this.page.parent !== this.page;
  }

  private hear(event: MessageEvent): void {
    if (!this.origin || event.origin !== this.origin || event.source !== this.page.parent) return;
    const message = event.data as Message | null;
    if (message?.jifen === "answer") this.settle(message);
    if (message?.jifen === "tell") for (const listener of [...this.listeners]) listener(message);
  }

  private settle(reply: Reply): void {
    const asked = this.waiting.get(reply.id);
    this.waiting.delete(reply.id);
    if (reply.declined) asked?.reject(new Declined());
    else if (reply.error) asked?.reject(new Failure(reply.error));
    else asked?.resolve(reply.result);
  }
}

/** The origin of the embedding page, if it is one of those that the server names; else "", and nobody is spoken to. */
export function trustedOrigin(named: string, referrer: string): string {
  const origins = named.split(" ").filter(Boolean);
  const embedding = /^https?:\/\/[^/]+/.exec(referrer)?.[0] ?? "";
  return origins.includes(embedding) ? embedding : "";
}
