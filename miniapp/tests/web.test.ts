import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Platform, PrivacyQuestion } from "@/platform/platform";

const EMULATOR = "http://127.0.0.1:8090";

interface Asked {
  id: number;
  what: string;
  args: Record<string, unknown>;
}

let platform: Platform;
let Declined: new () => Error;
let asked: Asked[];
let answers: Record<string, Record<string, unknown>>;
let opened: string[];
let heard: Record<string, (event: object) => void>;
let copied: string[];
let fields: { value: string; attributes: Record<string, string>; gone: boolean }[];

/** The page in the emulator's frame. `answers` are the hand's. */
beforeEach(async () => {
  [asked, answers, opened, heard, copied, fields] = [[], { login: { result: { code: "c", now: "2026-03-02T02:00:00Z", path: "" } } }, [], {}, [], []];
  vi.resetModules();
  const parent = {
    postMessage: (message: Asked, to: string) => {
      asked.push(message);
      const answer = { jifen: "answer", id: message.id, ...(answers[message.what] ?? { error: "模拟微信还不会这个" }) };
      queueMicrotask(() => heard["message"]?.({ data: answer, origin: to, source: parent }));
    },
  };
  const listen = (name: string, listener: (event: object) => void) => (heard[name] = listener);
  vi.stubGlobal("window", { parent, addEventListener: listen });
  vi.stubGlobal("location", { search: "?phone=2" });
  vi.stubGlobal("navigator", {});
  vi.stubGlobal("uni", { reLaunch: ({ url }: { url: string }) => opened.push(url) });
  vi.stubGlobal("document", {
    referrer: `${EMULATOR}/`,
    querySelector: () => ({ content: EMULATOR }),
    addEventListener: () => undefined,
    createElement: () => {
      const field = {
        value: "",
        attributes: {} as Record<string, string>,
        gone: false,
        style: {},
        setAttribute: (name: string, value: string) => (field.attributes[name] = value),
        select: () => undefined,
        remove: () => (field.gone = true),
      };
      fields.push(field);
      return field;
    },
    body: { append: () => undefined },
    execCommand: (what: string) => {
      copied.push(fields.at(-1)?.value ?? "");
      return what === "copy";
    },
  });
  ({ platform } = await import("@/platform/web"));
  ({ Declined } = await import("@/platform/platform"));
});

describe("the hand", () => {
  it("logs in, takes the demo's time, and opens the page of a notice", async () => {
    answers["login"] = { result: { code: "c", now: "2036-01-01T00:00:00Z", path: "/pages/entries/index" } };
    expect(await platform.login()).toBe("c");
    expect(platform.now().toISOString().slice(0, 10)).toBe("2036-01-01");
    expect(opened).toEqual(["/pages/entries/index"]);
    expect(platform.scope).toBe("2");
  });

  it("is told what code is shown, whatever it answers", () => {
    platform.showCode({ kind: "oa", referral: { code: "1", scene: "s" } });
    platform.showCode(null);
    expect(asked.map(({ args }) => args["kind"])).toEqual(["oa", undefined]);
  });
});

describe("privacy", () => {
  it("asks once before the first thing of the member's, and then never again", async () => {
    answers["privacySetting"] = { result: { needAuthorization: true } };
    answers["agreePrivacy"] = { result: null };
    answers["getPhoneNumber"] = { result: "code" };
    const questions: PrivacyQuestion[] = [];
    platform.onPrivacyNeeded((question) => questions.push(question));
    const refused = platform.phoneCode(undefined);
    await vi.waitUntil(() => questions.length === 1);
    questions[0]?.refuse();
    await expect(refused).rejects.toBeInstanceOf(Declined);
    expect(asked.map(({ what }) => what)).toEqual(["privacySetting"]);
    const agreed = platform.phoneCode(undefined);
    await vi.waitUntil(() => questions.length === 2);
    questions[1]?.agree("button");
    expect(await agreed).toBe("code");
    answers["privacySetting"] = { result: { needAuthorization: false } };
    expect(await platform.phoneCode(undefined)).toBe("code");
    expect(questions).toHaveLength(2);
  });
});

describe("copying", () => {
  it("uses the browser's clipboard, and a field that is named and goes again where there is none", async () => {
    const written: string[] = [];
    vi.stubGlobal("navigator", { clipboard: { writeText: (text: string) => Promise.resolve(written.push(text)) } });
    await platform.copy("one");
    expect([written, fields]).toEqual([["one"], []]);
    vi.stubGlobal("navigator", { clipboard: { writeText: () => Promise.reject(new Error("not allowed")) } });
    await platform.copy("two");
    vi.stubGlobal("navigator", {});
    await platform.copy("three");
    expect(copied).toEqual(["two", "three"]);
    expect(fields.every((field) => field.gone && field.attributes["aria-label"])).toBe(true);
  });
});
