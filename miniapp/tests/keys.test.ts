import { beforeEach, describe, expect, it } from "vitest";
import { Client, type Received, type Sent } from "@/api/client";
import { LoginFailed, Refused, Unreachable, wordsOf } from "@/api/failures";
import { Keys, newKey } from "@/api/keys";

/** What stays on the phone between two starts, its clock, and the keys that were made. */
const world = { kept: new Map<string, string>(), now: 1_000_000, made: 0 };

beforeEach(() => Object.assign(world, { kept: new Map<string, string>(), now: 1_000_000, made: 0 }));

function keysOfPhone(): Keys {
  const store = { read: (name: string) => world.kept.get(name) ?? "", write: (name: string, value: string) => void world.kept.set(name, value) };
  return new Keys(store, () => world.now, () => `key-${(world.made += 1)}`);
}

/** The mini-program just started: a client without a session, on a server that answers `steps` in turn, the log-ins too. */
function start(steps: (Received | Error)[]) {
  const sent: Sent[] = [];
  const slept: number[] = [];
  const client = new Client({
    send: async (request) => {
      await Promise.resolve();
      sent.push(request);
      const step = steps.shift();
      if (!step) throw new Error("nothing is answered to this");
      if (step instanceof Error) throw step;
      return step;
    },
    login: () => Promise.resolve("code"),
    sleep: (ms) => {
      slept.push(ms);
      return Promise.resolve();
    },
    random: () => 0.5,
    base64: () => "",
    keys: keysOfPhone(),
  });
  return { client, sent, slept, keys: () => sent.map((one) => one.headers["Idempotency-Key"]).filter(Boolean) };
}

const session = (token: string): Received => ({ status: 200, headers: {}, body: { token } });
const done: Received = { status: 201, headers: {}, body: {} };
const refusal = (status: number, headers: Record<string, string> = {}, body: unknown = { title: "不行" }): Received => ({ status, headers, body });

describe("the key of an intention", () => {
  it("is the same until the server has decided, and another for another intention", () => {
    const keys = keysOfPhone();
    expect([keys.of("a"), keys.of("b"), keys.of("a")]).toEqual(["key-1", "key-2", "key-1"]);
    keys.done("a");
    expect([keys.of("b"), keys.of("a")]).toEqual(["key-2", "key-3"]);
  });

  it.each([10 * 60_000, -10 * 60_000])("is forgotten when the clock is %d ms away", (ahead) => {
    expect(keysOfPhone().of("a")).toBe("key-1");
    world.now += ahead;
    expect(keysOfPhone().of("a")).toBe("key-2");
    expect(world.kept.get("jifen-keys")).not.toContain("key-1");
  });

  it.each(["{", "null", "[]", "7"])("is made anew where the phone has kept %s", (broken) => {
    world.kept.set("jifen-keys", broken);
    expect(keysOfPhone().of("a")).toBe("key-1");
  });

  it("is 32 hexadecimal digits", () => {
    expect(newKey(() => 0.999)).toBe("f".repeat(32));
    expect(newKey()).not.toBe(newKey());
  });

  it("outlives the mini-program: after a lost answer the next start asks with the key of before", async () => {
    const lost = start([session("t1"), new Unreachable(true), new Unreachable(true), new Unreachable(true)]);
    await expect(lost.client.do("/check-ins", {})).rejects.toBeInstanceOf(Unreachable);
    const again = start([session("t2"), done, done]);
    await again.client.do("/check-ins", {});
    await again.client.do("/check-ins", {});
    expect(lost.keys()).toEqual(["key-1", "key-1", "key-1"]);
    expect(again.keys()).toEqual(["key-1", "key-2"]);
  });

  it.each([429, 503, 500])("is kept after %i, which decides nothing", async (status) => {
    const { client, keys } = start([session("t"), ...Array<Received>(3).fill(refusal(status))]);
    await expect(client.do("/check-ins", {})).rejects.toBeInstanceOf(Refused);
    expect(new Set(keys())).toEqual(new Set(["key-1"]));
    expect(keysOfPhone().of("/check-ins {}")).toBe("key-1");
  });

  it("is kept when the session cannot be renewed", async () => {
    const { client } = start([session("t1"), refusal(401), session("t2"), refusal(401)]);
    await expect(client.do("/check-ins", {})).rejects.toMatchObject({ status: 401 });
    expect(keysOfPhone().of("/check-ins {}")).toBe("key-1");
  });
});

describe("patience", () => {
  it.each([
    ["3", 3_000],
    ["0", 500],
    ["Sun, 29 Nov 2026 04:00:00 GMT", 500],
    ["", 500],
  ])("with a Retry-After of %j is %d ms", async (asked, ms) => {
    const { client, slept } = start([session("t"), refusal(429, { "retry-after": asked }), done]);
    await client.do("/check-ins", {});
    expect(slept).toEqual([ms]);
  });

  it("is had with a log-in that meets a server just starting", async () => {
    const { client, sent, slept } = start([refusal(503), session("t"), done]);
    await client.get("/me");
    expect(sent.map((one) => one.path)).toEqual(["/session", "/session", "/me"]);
    expect(slept).toEqual([500]);
  });

  it("is not had with a log-in that the server refuses", async () => {
    const { client, sent } = start([refusal(400, {}, { title: "登录码无效", detail: "请再试一次。" })]);
    const failure: unknown = await client.get("/me").catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(LoginFailed);
    expect(wordsOf(failure)).toBe("登录码无效：请再试一次。");
    expect(sent).toHaveLength(1);
  });
});

describe("a refusal", () => {
  it.each<[number, unknown, string]>([
    [502, "<html>Bad Gateway</html>", "服务开小差了，请稍后再试"],
    [503, { title: "维护中", detail: "正在升级，十分钟后回来。" }, "正在升级，十分钟后回来。"],
    [403, "", "没有成功，请再试一次"],
    [404, null, "没有找到这一项"],
    [409, { title: "积分不够", detail: "还差 40 分。", code: "not_enough_points", missing: 40 }, "积分不够：还差 40 分。"],
  ])("of %i with %j is told as a sentence", async (status, body, words) => {
    const { client } = start([session("t"), ...Array<Received>(3).fill(refusal(status, {}, body))]);
    const failure: unknown = await client.get("/me").catch((error: unknown) => error);
    expect(wordsOf(failure)).toBe(words);
  });

  it("keeps the facts of the problem for the page", async () => {
    const { client } = start([session("t"), refusal(409, {}, { title: "价格变了", code: "price_changed", price_points: 80 })]);
    const failure = (await client.do("/check-ins", {}).catch((error: unknown) => error)) as Refused;
    expect([failure.code, failure.problem.price_points]).toEqual(["price_changed", 80]);
  });
});
