import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Sent } from "@/api/client";
import { Unreachable } from "@/api/failures";

interface Request {
  url: string;
  method: string;
  data?: object;
  header: Record<string, string>;
  timeout: number;
  responseType?: string;
  success(answer: object): void;
  fail(fault: object): void;
}

const config = vi.hoisted(() => ({ name: "wechat", server: "https://jifen.example.com" }));
vi.mock("@/platform", () => ({ platform: config }));

const GET: Sent = { method: "GET", path: "/me", headers: { Authorization: "Bearer t" }, timeoutMs: 10_000 };

/** The platform's `request`, which ends as `end` says; `asked` is what it was given. */
function playing(end: (request: Request) => void): Request[] {
  const asked: Request[] = [];
  vi.stubGlobal("uni", {
    request: (request: Request) => {
      asked.push(request);
      end(request);
    },
  });
  return asked;
}

/** The transport as it is when the mini-program starts. */
async function sender() {
  vi.resetModules();
  return (await import("@/api/transport")).send;
}

beforeEach(() => Object.assign(config, { name: "wechat", server: "https://jifen.example.com" }));

describe("a request", () => {
  it("goes to the shop's server, with its headers, body and patience", async () => {
    const asked = playing((request) => request.success({ statusCode: 201, header: { "Retry-After": "2" }, data: { day: "2026-11-29" } }));
    const send = await sender();
    const received = await send({ ...GET, method: "POST", body: { count: 1 } });
    expect(received).toEqual({ status: 201, headers: { "retry-after": "2" }, body: { day: "2026-11-29" } });
    expect(asked[0]).toMatchObject({
      url: "https://jifen.example.com/api/v1/me",
      method: "POST",
      data: { count: 1 },
      header: { "Content-Type": "application/json", Authorization: "Bearer t" },
      timeout: 10_000,
    });
  });

  it("has no body where there is none, and asks for bytes where they are wanted", async () => {
    const asked = playing((request) => request.success({ statusCode: 200, data: new ArrayBuffer(2) }));
    const send = await sender();
    expect(await send({ ...GET, binary: true })).toMatchObject({ status: 200, headers: {} });
    expect(asked[0]).not.toHaveProperty("data");
    expect(asked[0]?.responseType).toBe("arraybuffer");
  });

  it("goes to the page's own server on the web", async () => {
    Object.assign(config, { name: "web", server: "" });
    const asked = playing((request) => request.success({ statusCode: 200, data: {} }));
    const send = await sender();
    await send(GET);
    expect(asked[0]?.url).toBe("/api/v1/me");
  });
});

describe("no answer", () => {
  it.each([
    ["request:fail timeout", true, "网络有点慢，请稍后再试"],
    ["request:fail -2:net::ERR_FAILED", false, "网络不通，请检查网络后再试"],
    [undefined, false, "网络不通，请检查网络后再试"],
  ])("because of %s", async (errMsg, timedOut, message) => {
    playing((request) => request.fail({ errMsg }));
    const send = await sender();
    const failure: unknown = await send(GET).catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: "Error", message, timedOut });
  });

  it("is no fault of the network where the shop has set no server", async () => {
    Object.assign(config, { server: "" });
    const asked = playing(() => undefined);
    const send = await sender();
    const failure: unknown = await send(GET).catch((error: unknown) => error);
    expect(failure).toMatchObject({ message: "还没有设置服务器地址（src/config.ts）" });
    expect(failure).not.toBeInstanceOf(Unreachable);
    expect(asked).toEqual([]);
  });
});
