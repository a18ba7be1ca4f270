import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { effectScope, nextTick, ref } from "vue";
import { Refused, Unreachable } from "@/api/failures";
import { leftMs, STEP_MS, useRotatingCode, type ChangingCode } from "@/pages/rotating";

const surroundings = vi.hoisted(() => {
  const nothing = (): void => undefined;
  return { changed: nothing, online: nothing };
});
vi.mock("@/platform", () => ({
  platform: {
    now: () => new Date(),
    onChanged: (heard: () => void) => ((surroundings.changed = heard), () => undefined),
    onOnline: (heard: () => void) => ((surroundings.online = heard), () => undefined),
  },
}));

/** The server: a code for each step of 30 seconds, as long as it has one and can be reached. */
const server = { asked: 0, fault: null as Error | null, over: false };

function code(): ChangingCode {
  const step = Math.floor(Date.now() / STEP_MS);
  return { code: `code-${step}`, expires_at: new Date((step + 1) * STEP_MS).toISOString() };
}

async function ask(): Promise<ChangingCode | null> {
  server.asked += 1;
  await Promise.resolve();
  if (server.fault) throw server.fault;
  return server.over ? null : code();
}

function setUp(first = "v") {
  const subject = ref(first);
  const scope = effectScope();
  const rotating = scope.run(() => useRotatingCode(() => subject.value, ask));
  if (!rotating) throw new Error("the scope is over");
  return { subject, scope, ...rotating };
}

beforeEach(() => {
  vi.useFakeTimers({ now: new Date("2026-03-02T10:00:10+08:00") });
  Object.assign(server, { asked: 0, fault: null, over: false });
});
afterEach(() => vi.useRealTimers());

describe("a code that changes", () => {
  it("is the newest one a second after each step at the latest", async () => {
    const { shown, elapsedS, scope } = setUp();
    await vi.advanceTimersByTimeAsync(0);
    expect(elapsedS.value).toBe(10);
    const seen = new Set<string>();
    for (let second = 0; second < 120; second += 1) {
      await vi.advanceTimersByTimeAsync(1_000);
      seen.add(shown.value?.code ?? "none");
      if (Date.now() % STEP_MS >= 1_000) expect(shown.value?.code).toBe(code().code);
    }
    expect(seen.size).toBe(5);
    scope.stop();
  });

  it("is left alone while it is the same, so that nothing flickers", async () => {
    const { shown, scope } = setUp();
    await vi.advanceTimersByTimeAsync(0);
    const first = shown.value;
    await vi.advanceTimersByTimeAsync(15_000);
    expect(server.asked).toBeGreaterThan(3);
    expect(shown.value).toBe(first);
    scope.stop();
  });

  it("is asked for no more once the sheet is closed, gone, or the code is over", async () => {
    const { subject, shown, scope } = setUp();
    await vi.advanceTimersByTimeAsync(0);
    subject.value = "";
    await nextTick();
    expect(shown.value).toBeNull();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(server.asked).toBe(1);
    subject.value = "w";
    server.over = true;
    await vi.advanceTimersByTimeAsync(60_000);
    surroundings.changed();
    expect([server.asked, shown.value]).toEqual([2, null]);
    server.over = false;
    subject.value = "x";
    await vi.advanceTimersByTimeAsync(0);
    scope.stop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(server.asked).toBe(3);
  });

  it("stays without a network while it is accepted, and comes back with it", async () => {
    const { shown, sorry, scope } = setUp();
    await vi.advanceTimersByTimeAsync(0);
    server.fault = new Unreachable();
    await vi.advanceTimersByTimeAsync(STEP_MS);
    expect(shown.value).not.toBeNull();
    expect(sorry.value).toContain("没有网络");
    await vi.advanceTimersByTimeAsync(20_000);
    expect(shown.value).toBeNull();
    server.fault = null;
    surroundings.online();
    await vi.advanceTimersByTimeAsync(0);
    expect([shown.value?.code, sorry.value]).toEqual([code().code, ""]);
    scope.stop();
  });

  it("says the server's words, and asks again", async () => {
    server.fault = new Refused(429, {});
    const { shown, sorry, scope } = setUp();
    await vi.advanceTimersByTimeAsync(0);
    expect([shown.value, sorry.value]).toEqual([null, "操作太频繁，请稍后再试"]);
    server.fault = null;
    await vi.advanceTimersByTimeAsync(4_000);
    expect(shown.value?.code).toBe(code().code);
    scope.stop();
  });

  it("is not the answer to an earlier question", async () => {
    const { subject, shown, scope } = setUp();
    subject.value = "";
    await vi.advanceTimersByTimeAsync(0);
    expect(shown.value).toBeNull();
    scope.stop();
  });
});

describe("the rest of a step", () => {
  const now = new Date("2026-03-02T10:00:10Z");
  it.each([
    ["2026-03-02T10:00:30Z", 20_000],
    ["2026-03-02T10:00:10Z", 0],
    ["2026-03-02T09:00:00Z", 0],
    ["2026-03-02T11:00:00Z", STEP_MS],
  ])("of a code until %s is %i ms, also on a phone whose clock is wrong", (until, left) => {
    expect(leftMs(until, now)).toBe(left);
  });
});
