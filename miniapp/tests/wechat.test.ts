import { beforeEach, describe, expect, it, vi } from "vitest";
import { FakeWx } from "./fake-wx";
import type { Platform, PrivacyQuestion } from "@/platform/platform";

let wx: FakeWx;
let platform: Platform;
let Declined: new () => Error;
let Failure: new (sentence: string) => Error;

beforeEach(async () => {
  wx = new FakeWx();
  vi.resetModules();
  vi.stubGlobal("wx", wx);
  vi.stubGlobal("uni", wx); // on WeChat the framework's calls are WeChat's
  ({ platform } = await import("@/platform/wechat"));
  ({ Declined } = await import("@/platform/platform"));
  ({ Failure } = await import("@/api/failures"));
});

const PAYMENT = { timeStamp: "1", nonceStr: "n", package: "prepay_id=1", signType: "RSA", paySign: "s" } as const;
const CANCELLED = (name: string) => ({ errMsg: `${name}:fail cancel` });
const UNAGREED = (name: string) => ({ errMsg: `${name}:fail privacy permission is not authorized`, errno: 104 });

describe("what the member does in WeChat's dialogs", () => {
  it.each<[string, (p: Platform) => Promise<unknown>]>([
    ["scanCode", (p) => p.scanCode()],
    ["requestPayment", (p) => p.requestPayment(PAYMENT)],
    ["shareFileMessage", (p) => p.saveFile("a.json", "{}")],
  ])("%s: closing the dialog is no failure, a fault is one, and an agreement that was refused is none", async (name, ask) => {
    wx.faults[name] = CANCELLED(name);
    await expect(ask(platform)).rejects.toBeInstanceOf(Declined);
    wx.faults[name] = UNAGREED(name);
    await expect(ask(platform)).rejects.toBeInstanceOf(Declined);
    wx.faults[name] = { errMsg: `${name}:fail system error` };
    await expect(ask(platform)).rejects.toBeInstanceOf(Failure);
    wx.faults = {};
    await ask(platform);
  });

  it("logs in by a code", async () => {
    expect(await platform.login()).toBe("the-code");
    wx.faults["login"] = { errMsg: "login:fail" };
    await expect(platform.login()).rejects.toBeInstanceOf(Failure);
  });

  it("takes the path of a mini-program's code, which has no text", async () => {
    expect(await platform.scanCode()).toBe("12345678");
    wx.gives["scanCode"] = { result: "", scanType: "WX_CODE", path: "pages/index/index?scene=inv_1" };
    expect(await platform.scanCode()).toBe("pages/index/index?scene=inv_1");
  });

  it("gives a phone number's code from the button's event alone", async () => {
    expect(await platform.phoneCode({ detail: { code: "c", errMsg: "getPhoneNumber:ok" } })).toBe("c");
    const without = (errMsg: string, errno: number) => platform.phoneCode({ detail: { errMsg, errno } });
    await expect(without("getPhoneNumber:fail user deny", 103)).rejects.toBeInstanceOf(Declined);
    await expect(without("getPhoneNumber:fail privacy permission is not authorized", 104)).rejects.toBeInstanceOf(Declined);
    await expect(without("getPhoneNumber:fail has reached the limit", 1400001)).rejects.toBeInstanceOf(Failure);
  });
});

describe("messages", () => {
  it("asks, and tells an owner who has switched all of them off from a fault", async () => {
    wx.gives["requestSubscribeMessage"] = { a: "accept", b: "reject" };
    expect(await platform.requestSubscribeMessage(["a", "b"])).toMatchObject({ a: "accept", b: "reject" });
    wx.faults["requestSubscribeMessage"] = { errMsg: "requestSubscribeMessage:fail", errCode: 20004 };
    await expect(platform.requestSubscribeMessage(["a"])).rejects.toBeInstanceOf(Declined);
    await expect(platform.requestSubscribeMessage(["a", "b", "c", "d"])).rejects.toBeInstanceOf(Failure);
  });

  it("knows what the member has settled for good", async () => {
    expect(await platform.settledMessages(["a", "b"])).toEqual([]);
    wx.gives["getSetting"] = { subscriptionsSetting: { mainSwitch: true, itemSettings: { b: "reject", z: "accept" } } };
    expect(await platform.settledMessages(["a", "b"])).toEqual(["b"]);
    expect(wx.last("getSetting")["withSubscriptions"]).toBe(true);
    wx.gives["getSetting"] = { subscriptionsSetting: { mainSwitch: false } };
    expect(await platform.settledMessages(["a", "b"])).toEqual(["a", "b"]);
    wx.faults["getSetting"] = { errMsg: "getSetting:fail" };
    expect(await platform.settledMessages(["a"])).toEqual(["a"]);
  });
});

describe("privacy", () => {
  it("passes WeChat's question on, with the button by which the member agreed", () => {
    const questions: PrivacyQuestion[] = [];
    platform.onPrivacyNeeded((question) => questions.push(question));
    const answers: object[] = [];
    wx.needPrivacy?.((answer) => answers.push(answer), { referrer: "getPhoneNumber" });
    questions[0]?.agree("button-1");
    questions[0]?.refuse();
    expect(answers).toEqual([{ event: "agree", buttonId: "button-1" }, { event: "disagree" }]);
  });

  it("runs where WeChat is too old to ask", async () => {
    vi.stubGlobal("wx", { ...wx, onNeedPrivacyAuthorization: undefined, openPrivacyContract: undefined });
    platform.onPrivacyNeeded(() => undefined);
    await platform.openPrivacyGuideline();
  });
});

describe("what leaves the mini-program", () => {
  it("copies without WeChat's own toast, which would stand over ours", async () => {
    await platform.copy("text");
    expect(wx.last("setClipboardData")).toMatchObject({ data: "text", showToast: false });
    wx.faults["setClipboardData"] = UNAGREED("setClipboardData");
    await expect(platform.copy("text")).rejects.toBeInstanceOf(Declined);
  });

  it("writes a file to its own folder and lets the member send it", async () => {
    await platform.saveFile("个人信息.json", "{}");
    expect(wx.files).toEqual({ "http://usr/个人信息.json": "{}" });
    expect(wx.last("shareFileMessage")).toMatchObject({ filePath: "http://usr/个人信息.json", fileName: "个人信息.json" });
    wx.faults["writeFile"] = { errMsg: "writeFile:fail the maximum size of the file storage limit is exceeded" };
    await expect(platform.saveFile("a.json", "{}")).rejects.toBeInstanceOf(Failure);
  });
});

it("hears that the network is back until it is told to stop", () => {
  let times = 0;
  const stop = platform.onOnline(() => (times += 1));
  const change = (isConnected: boolean) => {
    for (const listener of wx.networkListeners) listener({ isConnected, networkType: "wifi" });
  };
  change(false);
  change(true);
  stop();
  change(true);
  expect(times).toBe(1);
});
