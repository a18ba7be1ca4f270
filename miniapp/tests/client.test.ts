import { describe, expect, it } from "vitest";
import { Client, type Received, type Sent } from "@/api/client";
import { LoginFailed, Refused, Unreachable, wordsOf } from "@/api/failures";
import { Keys } from "@/api/keys";

type Step = Received | Error;

const OK: Received = { status: 200, headers: {}, body: { balance: 5 } };
const LOGIN: Received = { status: 200, headers: {}, body: { token: "t" } };

function refusal(status: number, code = "", headers: Record<string, string> = {}, detail?: string): Received {
  return { status, headers, body: { code, title: "不行", ...(detail ? { detail } : {}) } };
}

/** A client whose surroundings answer `steps` in turn; log-ins succeed with tokens t1, t2, … */
function setUp(steps: Step[]) {
  const sent: Sent[] = [];
  const slept: number[] = [];
  const kept = new Map<string, string>();
  const world = { now: 0, logins: 0, codes: 0, keys: 0 };
  const keys = new Keys(
    { read: (name) => kept.get(name) ?? "", write: (name, value) => void kept.set(name, value) },
    () => world.now,
    () => `key-${(world.keys += 1)}`,
  );
  const client = new Client({
    send: async (request) => {
      await Promise.resolve();
      if (request.path === "/session") {
        world.logins += 1;
        return { ...LOGIN, body: { token: `t${world.logins}` } };
      }
      sent.push(request);
      const step = steps.shift() ?? OK;
      if (step instanceof Error) throw step;
      return step;
    },
    login: () => Promise.resolve(`code-${(world.codes += 1)}`),
    sleep: (ms) => {
      slept.push(ms);
      return Promise.resolve();
    },
    random: () => 0.5,
    base64: (bytes) => Buffer.from(bytes).toString("base64"),
    keys,
  });
  return { client, sent, slept, world, kept };
}

function keysOf(sent: Sent[]): (string | undefined)[] {
  return sent.map((request) => request.headers["Idempotency-Key"]);
}

describe("reading", () => {
  it("gives a picture as a data URL", async () => {
    const { client, sent } = setUp([{ status: 200, headers: { "content-type": "image/svg+xml" }, body: new Uint8Array([1, 2]).buffer }]);
    expect(await client.picture("/poster")).toBe("data:image/svg+xml;base64,AQI=");
    expect(sent[0]?.binary).toBe(true);
  });

  it("logs in at its first call and keeps the session", async () => {
    const { client, sent, world } = setUp([]);
    await client.get("/me");
    await client.get("/me");
    expect(world.logins).toBe(1);
    expect(sent.map((request) => request.headers.Authorization)).toEqual(["Bearer t1", "Bearer t1"]);
  });

  it.each<[string, Step[], number[]]>([
    ["no network", [new Unreachable(), new Unreachable()], [500, 1500]],
    ["a server that restarts", [refusal(503), refusal(502)], [500, 1500]],
    ["too many requests, with the pause that is asked for", [refusal(429, "", { "retry-after": "2" })], [2000]],
    ["a pause that nobody would wait for", [refusal(429, "", { "retry-after": "60" })], [5000]],
  ])("tries again after %s", async (_, steps, pauses) => {
    const { client, slept } = setUp(steps);
    expect(await client.get("/me")).toEqual({ balance: 5 });
    expect(slept).toEqual(pauses);
  });

  it.each<[string, Step[], number]>([
    ["a third silence", [new Unreachable(), new Unreachable(), new Unreachable()], 3],
    ["a refusal", [refusal(404)], 1],
    ["a fault of the server", [refusal(500)], 1],
  ])("gives up after %s", async (_, steps, asked) => {
    const { client, sent } = setUp(steps);
    await expect(client.get("/me")).rejects.toBeInstanceOf(Error);
    expect(sent).toHaveLength(asked);
  });

  it("fills paths and leaves out empty questions", async () => {
    const { client, sent } = setUp([]);
    await client.get("/wheels/{wheel}", { at: { wheel: "a/b" } });
    await client.get("/me/entries", { query: { cursor: "", direction: "in" } });
    expect(sent.map((request) => request.path)).toEqual(["/wheels/a%2Fb", "/me/entries?direction=in"]);
  });

  it("collects a list page by page", async () => {
    const page = (items: number[], next: string | null): Received => ({ ...OK, body: { items, next_cursor: next } });
    const { client, sent } = setUp([page([1, 2], "c"), page([3], null)]);
    expect(await client.all("/missions")).toEqual([1, 2, 3]);
    expect(sent[1]?.path).toBe("/missions?cursor=c");
  });
});

describe("an expired session", () => {
  it("is renewed once, and the request is repeated with its key", async () => {
    const { client, sent, world } = setUp([OK, refusal(401, "unauthorized"), OK]);
    await client.get("/me");
    await client.do("/check-ins", {});
    expect(world.logins).toBe(2);
    expect(sent.map((request) => request.headers.Authorization)).toEqual(["Bearer t1", "Bearer t1", "Bearer t2"]);
    expect(keysOf(sent).slice(1)).toEqual(["key-1", "key-1"]);
  });

  it("is renewed once for all that wait", async () => {
    const { client, world } = setUp([refusal(401), refusal(401), refusal(401)]);
    await Promise.all([client.get("/me"), client.get("/tiers"), client.get("/rules")]);
    expect(world.logins).toBe(2);
  });

  it("that ends again at once is told", async () => {
    const { client, world } = setUp([refusal(401), refusal(401)]);
    await expect(client.get("/me")).rejects.toMatchObject({ status: 401 });
    expect(world.logins).toBe(2);
  });
});

describe("doing", () => {
  it("keeps the key of an intention over lost answers, and takes a new one after the answer", async () => {
    const lost = [new Unreachable(true), new Unreachable(true), new Unreachable(true)];
    const { client, sent } = setUp([...lost, OK, OK]);
    await expect(client.do("/check-ins", {})).rejects.toBeInstanceOf(Unreachable);
    await client.do("/check-ins", {});
    await client.do("/check-ins", {});
    expect(keysOf(sent)).toEqual(["key-1", "key-1", "key-1", "key-1", "key-2"]);
  });

  it.each([
    [409, "key-2"],
    [422, "key-2"],
    [500, "key-1"],
  ])("after %i the next tap has %s", async (status, next) => {
    const { client, sent } = setUp([refusal(status), OK]);
    await expect(client.do("/check-ins", {})).rejects.toBeInstanceOf(Refused);
    await client.do("/check-ins", {});
    expect(keysOf(sent)).toEqual(["key-1", next]);
  });

  it("takes another key for another body or path", async () => {
    const { client, sent } = setUp([new Unreachable(), new Unreachable(), new Unreachable(), OK]);
    await expect(client.do("/check-ins/repairs", { day: "2026-01-01" })).rejects.toBeInstanceOf(Unreachable);
    await client.do("/check-ins/repairs", { day: "2026-01-02" });
    expect(keysOf(sent).at(-1)).toBe("key-2");
  });

  it("gives a second tap the answer of the first", async () => {
    const { client, sent } = setUp([]);
    const [first, second] = await Promise.all([client.do("/check-ins", {}), client.do("/check-ins", {})]);
    expect(first).toBe(second);
    expect(sent).toHaveLength(1);
  });

  it("keeps the key over a restart for ten minutes", async () => {
    const { client, sent, world, kept } = setUp([refusal(500), refusal(500), OK]);
    await expect(client.do("/check-ins", {})).rejects.toBeInstanceOf(Refused);
    expect(kept.get("jifen-keys")).toContain("key-1");
    await expect(client.do("/check-ins", {})).rejects.toBeInstanceOf(Refused);
    world.now = 10 * 60_000;
    await client.do("/check-ins", {});
    expect(keysOf(sent)).toEqual(["key-1", "key-1", "key-2"]);
  });

  it("does not repeat what has no key", async () => {
    const { client, sent } = setUp([new Unreachable()]);
    await expect(client.put("/me/profile", {})).rejects.toBeInstanceOf(Unreachable);
    expect(sent).toHaveLength(1);
  });
});

describe("words", () => {
  it.each<[unknown, string]>([
    [new Refused(409, { code: "not_enough_points", title: "积分不够", detail: "还差 40 分。" }), "积分不够：还差 40 分。"],
    [new Refused(409, { title: "已经签到过了" }), "已经签到过了"],
    [new Refused(429, { title: "请求太频繁" }), "操作太频繁，请稍后再试"],
    [new Refused(500, { title: "服务出了问题" }), "服务开小差了，请稍后再试"],
    [new Refused(404, {}), "没有找到这一项"],
    [new Refused(418, {}), "没有成功，请再试一次"],
    [new Unreachable(), "网络不通，请检查网络后再试"],
    [new Unreachable(true), "网络有点慢，请稍后再试"],
    [new LoginFailed(), "登录没有成功，请再试一次"],
    [new TypeError("x is undefined"), "出了点问题，请退出后再进来"],
  ])("%o", (error, words) => {
    expect(wordsOf(error)).toBe(words);
  });

  it("says that the log-in failed when the server does not take the code", async () => {
    const { client } = setUp([]);
    const around = (client as unknown as { around: { send: unknown } }).around;
    around.send = () => Promise.resolve(refusal(401, "login_code_invalid"));
    await expect(client.get("/me")).rejects.toBeInstanceOf(LoginFailed);
  });
});
