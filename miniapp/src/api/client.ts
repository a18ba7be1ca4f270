import { LoginFailed, Refused, Unreachable, type Problem } from "./failures";
import type { Keys } from "./keys";
import type { Answer, Body, GetPath, Item, KeyedPath, PostPath, PutPath, Query } from "./types";

export type Method = "GET" | "POST" | "PUT" | "DELETE";

export interface Sent {
  method: Method;
  path: string;
  body?: object;
  headers: Record<string, string>;
  timeoutMs: number;
  /** Whether the answer's body is wanted as bytes. */
  binary?: boolean;
}

export interface Received {
  status: number;
  headers: Record<string, string>;
  body: unknown;
}

/** What the client needs of its surroundings; the tests give their own. */
export interface Surroundings {
  /** Sends one request. Throws Unreachable. */
  send(request: Sent): Promise<Received>;
  /** A new log-in code of the platform. */
  login(): Promise<string>;
  sleep(ms: number): Promise<void>;
  random(): number;
  /** The bytes in base64. */
  base64(bytes: ArrayBuffer): string;
  keys: Keys;
}

const TIMEOUT_MS = 10_000;
const TRIES = 3;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 5_000;

/**
 * The server's API for the member of this phone. It logs in at its first call and again when the session has ended, once for all calls
 * that wait; it tries again what may be tried again; and every method throws a Failure.
 */
export class Client {
  private token = "";
  private loggingIn: Promise<void> | undefined;
  private readonly running = new Map<string, Promise<unknown>>();

  constructor(private readonly around: Surroundings) {}

  /** The answer at `path`, whose `{names}` are taken from `at`. */
  async get<P extends GetPath>(path: P, asked: { at?: Record<string, string>; query?: Query<P> } = {}): Promise<Answer<P, "get">> {
    const received = await this.patiently("GET", filled(path, asked.at) + queryText(asked.query as object | undefined));
    return received.body as Answer<P, "get">;
  }

  /** All items of a list, page after page. */
  async all<P extends GetPath>(path: P, at?: Record<string, string>): Promise<Item<P>[]> {
    const items: Item<P>[] = [];
    let cursor = "";
    do {
      const received = await this.patiently("GET", filled(path, at) + queryText({ cursor }));
      const page = received.body as { items: Item<P>[]; next_cursor: string | null };
      items.push(...page.items);
      cursor = page.next_cursor ?? "";
    } while (cursor);
    return items;
  }

  /** A picture at `path`, as a data URL: an image element cannot send the session. */
  async picture(path: string): Promise<string> {
    const received = await this.patiently("GET", path, undefined, {}, true);
    return `data:${received.headers["content-type"] ?? "image/png"};base64,${this.around.base64(received.body as ArrayBuffer)}`;
  }

  /**
   * Do something once: the request keeps its key until the server has decided, and is tried again with it. A second tap while the
   * first is under way gets the answer of the first.
   */
  do<P extends KeyedPath>(path: P, body: Body<P, "post">, at?: Record<string, string>): Promise<Answer<P, "post">> {
    const address = filled(path, at);
    const intention = `${address} ${JSON.stringify(body)}`;
    const already = this.running.get(intention) as Promise<Answer<P, "post">> | undefined;
    if (already) return already;
    const doing = this.keyed(address, body as object, intention).finally(() => this.running.delete(intention));
    this.running.set(intention, doing);
    return doing as Promise<Answer<P, "post">>;
  }

  /** Post what needs no request key. It is not tried again. */
  async post<P extends PostPath>(path: P, body: Body<P, "post">, at?: Record<string, string>): Promise<Answer<P, "post">> {
    return (await this.asMember("POST", filled(path, at), body as object)).body as Answer<P, "post">;
  }

  /** Set fields of what is at `path`. It is not tried again. */
  async put<P extends PutPath>(path: P, body: Body<P, "put">, at?: Record<string, string>): Promise<Answer<P, "put">> {
    return (await this.asMember("PUT", filled(path, at), body as object)).body as Answer<P, "put">;
  }

  private async keyed(path: string, body: object, intention: string): Promise<unknown> {
    const headers = { "Idempotency-Key": this.around.keys.of(intention) };
    try {
      const received = await this.patiently("POST", path, body, headers);
      this.around.keys.done(intention);
      return received.body;
    } catch (error) {
      if (error instanceof Refused && error.isFinal && error.status !== 401) this.around.keys.done(intention);
      throw error;
    }
  }

  /** Three tries, with pauses that grow; only for what may be asked twice. */
  private async patiently(method: Method, path: string, body?: object, headers?: Record<string, string>, binary = false): Promise<Received> {
    for (let again = 1; ; again += 1) {
      try {
        return await this.asMember(method, path, body, headers, binary);
      } catch (error) {
        if (again >= TRIES || !mayPass(error)) throw error;
        await this.around.sleep(this.pause(again, error));
      }
    }
  }

  private pause(again: number, error: unknown): number {
    const asked = error instanceof Refused ? error.retryAfterS * 1000 : 0;
    const own = FIRST_PAUSE_MS * 3 ** (again - 1) * (0.75 + this.around.random() / 2);
    return Math.min(Math.max(asked, own), LONGEST_PAUSE_MS);
  }

  private async asMember(method: Method, path: string, body?: object, headers: Record<string, string> = {}, binary = false): Promise<Received> {
    if (!this.token) await this.logIn();
    const token = this.token;
    try {
      return await this.once({ method, path, headers: this.with(token, headers), ...optional(body, binary) });
    } catch (error) {
      if (!(error instanceof Refused) || error.status !== 401) throw error;
    }
    if (this.token === token) this.token = "";
    if (!this.token) await this.logIn();
    return this.once({ method, path, headers: this.with(this.token, headers), ...optional(body, binary) });
  }

  private with(token: string, headers: Record<string, string>): Record<string, string> {
    return { ...headers, Authorization: `Bearer ${token}` };
  }

  /** Log in; callers that come meanwhile wait for the same log-in. */
  private logIn(): Promise<void> {
    this.loggingIn ??= this.freshLogin().finally(() => {
      this.loggingIn = undefined;
    });
    return this.loggingIn;
  }

  private async freshLogin(): Promise<void> {
    const code = await this.around.login();
    try {
      const received = await this.once({ method: "POST", path: "/session", body: { code }, headers: {} });
      this.token = (received.body as { token: string }).token;
    } catch (error) {
      if (error instanceof Refused && error.status < 500 && error.status !== 429) throw new LoginFailed(error.message);
      throw error;
    }
  }

  private async once(request: Omit<Sent, "timeoutMs">): Promise<Received> {
    const received = await this.around.send({ ...request, timeoutMs: TIMEOUT_MS });
    if (received.status < 400) return received;
    const problem = typeof received.body === "object" && received.body !== null ? (received.body as Partial<Problem>) : {};
    throw new Refused(received.status, problem, Number(received.headers["retry-after"]) || 0);
  }
}

function mayPass(error: unknown): boolean {
  return error instanceof Unreachable || (error instanceof Refused && error.isTransient);
}

function optional(body: object | undefined, binary: boolean): { body?: object; binary?: boolean } {
  return { ...(body ? { body } : {}), ...(binary ? { binary } : {}) };
}

function filled(path: string, at: Record<string, string> = {}): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(at[name] ?? ""));
}

function queryText(query: object = {}): string {
  const parts = Object.entries(query).filter(([, value]) => value !== undefined && value !== "");
  return parts.length ? `?${parts.map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`).join("&")}` : "";
}
