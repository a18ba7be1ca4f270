import { describe, expect, it } from "vitest";
import { Hand, trustedOrigin, type Told } from "@/platform/hand";
import { Declined } from "@/platform/platform";

const EMULATOR = "http://127.0.0.1:8090";

/** A window within another, whose messages the test reads and sends. */
function setUp(origin = EMULATOR) {
  const posted: { message: Record<string, unknown>; to: string }[] = [];
  let listener: (event: MessageEvent) => void = () => undefined;
  const parent = { postMessage: (message: Record<string, unknown>, to: string) => posted.push({ message, to }) };
  const page = { parent, addEventListener: (_: string, heard: typeof listener) => (listener = heard) };
  const hand = new Hand(page as unknown as Window, origin);
  const hear = (data: unknown, from = EMULATOR, source: unknown = parent): void =>
    listener({ data, origin: from, source } as MessageEvent);
  return { hand, posted, hear };
}

describe("saying", () => {
  it("needs no answer, and no emulator", () => {
    const { hand, posted, hear } = setUp();
    hand.say("showCode", { kind: "oa" });
    hear({ jifen: "answer", id: 0, error: "模拟微信还不会这个" });
    expect(posted).toEqual([{ message: { jifen: "ask", id: 0, what: "showCode", args: { kind: "oa" } }, to: EMULATOR }]);
    const alone = setUp("");
    alone.hand.say("showCode");
    expect(alone.posted).toEqual([]);
  });
});

describe("asking", () => {
  it("sends to the trusted origin alone and takes the answer of that question", async () => {
    const { hand, posted, hear } = setUp();
    const first = hand.ask("login");
    const second = hand.ask("scanCode");
    hear({ jifen: "answer", id: 2, result: "R:1" });
    hear({ jifen: "answer", id: 1, result: "code" });
    expect(await first).toBe("code");
    expect(await second).toBe("R:1");
    expect(posted.map(({ to }) => to)).toEqual([EMULATOR, EMULATOR]);
  });

  it.each([
    ["another origin", "http://evil.example", undefined],
    ["another window", EMULATOR, {}],
  ])("does not hear %s", async (_, origin, source) => {
    const { hand, hear } = setUp();
    const asked = hand.ask("login");
    const told: Told[] = [];
    hand.listen((news) => told.push(news));
    if (source) hear({ jifen: "answer", id: 1, result: "stolen" }, origin, source);
    else hear({ jifen: "answer", id: 1, result: "stolen" }, origin);
    hear({ jifen: "tell", what: "changed" }, "http://evil.example");
    hear(null);
    hear({ jifen: "answer", id: 1, result: "code" });
    expect(await asked).toBe("code");
    expect(told).toEqual([]);
  });

  it("tells a refusal of the member from a fault", async () => {
    const { hand, hear } = setUp();
    const declined = hand.ask("scanCode");
    const faulty = hand.ask("scanCode");
    hear({ jifen: "answer", id: 1, declined: true });
    hear({ jifen: "answer", id: 2, error: "没有扫成" });
    await expect(declined).rejects.toBeInstanceOf(Declined);
    await expect(faulty).rejects.toThrow("没有扫成");
  });

  it("says where to open the page when nobody is trusted", async () => {
    await expect(setUp("").hand.ask("login")).rejects.toThrow("请在微信里打开");
  });
});

it("hears news until it stops listening", () => {
  const { hand, hear } = setUp();
  const told: (string | undefined)[] = [];
  const stop = hand.listen((news) => told.push(news.what));
  hear({ jifen: "tell", what: "clock", now: "2026-01-01T00:00:00Z" });
  stop();
  hear({ jifen: "tell", what: "changed" });
  expect(told).toEqual(["clock"]);
});

it.each([
  ["http://127.0.0.1:8090 http://localhost:8090", "http://localhost:8090/?left=1", "http://localhost:8090"],
  ["http://127.0.0.1:8090", "http://127.0.0.1:80901/", ""],
  ["http://127.0.0.1:8090", "https://127.0.0.1:8090/", ""],
  ["http://127.0.0.1:8090", "", ""],
  ["", "http://127.0.0.1:8090/", ""],
])("of %s and %s trusts %s", (named, referrer, origin) => {
  expect(trustedOrigin(named, referrer)).toBe(origin);
});
