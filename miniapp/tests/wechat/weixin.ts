import type { Received } from "@/api/client";

/** What the mini-program asked the server for. */
export interface Asked {
  what: string;
  body: unknown;
  headers: Record<string, string>;
}

interface Request {
  url: string;
  method: string;
  data?: unknown;
  header: Record<string, string>;
  success(answer: { statusCode: number; header: Record<string, string>; data: unknown }): void;
  fail(fault: { errMsg: string }): void;
}

interface Callback<Answer> {
  success?(answer: Answer): void;
  fail?(fault: object): void;
}

export const SERVER = "https://jifen.example.com";
const BASE = `${SERVER}/api/v1`;

/** A phone as WeChat describes it. */
const PHONE = {
  brand: "Apple",
  model: "iPhone 15",
  system: "iOS 17.5",
  platform: "ios",
  version: "8.0.50",
  SDKVersion: "3.7.0",
  language: "zh_CN",
  theme: "light",
  fontSizeSetting: 16,
  pixelRatio: 3,
  screenWidth: 390,
  screenHeight: 844,
  windowWidth: 390,
  windowHeight: 780,
  statusBarHeight: 47,
  safeArea: { left: 0, right: 390, top: 47, bottom: 810, width: 390, height: 763 },
};

const START = { path: "pages/index/index", query: {}, scene: 1001 };
const nothing = (): void => undefined;

/** A made-up `wx`: exactly the functions that scripts/wechat/library.mjs lists, and what the framework looks for when it starts. */
export class Weixin {
  readonly asked: Asked[] = [];
  /** Every further call by its name, with what it was given. */
  readonly called: { what: string; given: unknown }[] = [];
  readonly faults: string[] = [];
  /** What the server answers, by "GET /me"; a function is asked each time. */
  readonly answers = new Map<string, Received | (() => Received)>();
  /** What the member does in WeChat's dialogs, by the name of the call; none means that the dialog is closed. */
  readonly deeds = new Map<string, unknown>();
  isOnline = true;
  /** What WeChat calls before it gives the first thing of the member's; it hears the answer. */
  askPrivacy: (hear: (answer: object) => void) => void = nothing;
  private readonly kept = new Map<string, unknown>();
  private logins = 0;

  /** The object that the mini-program knows as `wx`. */
  readonly wx: Record<string, unknown> = {
    ...this.constants(),
    ...this.notes("navigateTo", "switchTab", "setNavigationBarTitle", "setNavigationBarColor", "showToast", "pageScrollTo", "stopPullDownRefresh"),
    ...this.notes("setClipboardData", "openPrivacyContract", "openSetting", "shareFileMessage"),
    getFileSystemManager: () => this.notes("writeFile"),
    env: { USER_DATA_PATH: "http://usr" },
    ...this.dialogs("scanCode", "requestPayment", "requestSubscribeMessage"),
    login: (call: Callback<{ code: string }>) => call.success?.({ code: `code-${(this.logins += 1)}` }),
    getSetting: (call: Callback<object>) => call.success?.({ subscriptionsSetting: { mainSwitch: true, itemSettings: {} } }),
    onNeedPrivacyAuthorization: (ask: typeof this.askPrivacy) => void (this.askPrivacy = ask),
    getStorageSync: (name: string) => this.kept.get(name) ?? "",
    setStorageSync: (name: string, value: unknown) => void this.kept.set(name, value),
    setStorage: ({ key, data }: { key: string; data: unknown }) => void this.kept.set(key, data),
    arrayBufferToBase64: (bytes: ArrayBuffer) => Buffer.from(bytes).toString("base64"),
    createIntersectionObserver: () => ({ relativeToViewport: () => ({ observe: nothing, disconnect: nothing }) }),
    request: (request: Request) => this.answer(request),
  };

  /** The questions of this kind, such as "POST /check-ins". */
  questions(what: string): Asked[] {
    return this.asked.filter((one) => one.what === what);
  }

  /** What `wx[what]` was given, in turn. */
  given(what: string): unknown[] {
    return this.called.filter((one) => one.what === what).map((one) => one.given);
  }

  private constants(): Record<string, unknown> {
    const told = ["getSystemInfoSync", "getAppBaseInfo", "getWindowInfo", "getDeviceInfo"];
    const heard = ["onAppShow", "onAppHide", "onThemeChange", "onNetworkStatusChange", "offNetworkStatusChange"];
    return {
      ...Object.fromEntries(told.map((name) => [name, () => PHONE])),
      ...Object.fromEntries(heard.map((name) => [name, nothing])),
      getLaunchOptionsSync: () => START,
    };
  }

  private notes(...names: string[]): Record<string, unknown> {
    const noted = (what: string) => (given?: Callback<object>) => {
      this.called.push({ what, given });
      given?.success?.({});
    };
    return Object.fromEntries(names.map((name) => [name, noted(name)]));
  }

  private dialogs(...names: string[]): Record<string, unknown> {
    const asked = (what: string) => (given: Callback<unknown>) => {
      this.called.push({ what, given });
      if (this.deeds.has(what)) given.success?.(this.deeds.get(what));
      else given.fail?.({ errMsg: `${what}:fail cancel` });
    };
    return Object.fromEntries(names.map((name) => [name, asked(name)]));
  }

  private answer(request: Request): { abort(): void } {
    const what = `${request.method} ${request.url.replace(BASE, "").replace(/\?.*/, "")}`;
    this.asked.push({ what, body: request.data, headers: request.header });
    setTimeout(() => {
      if (!this.isOnline) return request.fail({ errMsg: "request:fail -2:net::ERR_FAILED" });
      const known = this.answers.get(what);
      if (!known) this.faults.push(`no answer to ${what}`);
      const { status, headers, body } = (typeof known === "function" ? known() : known) ?? { status: 500, headers: {}, body: {} };
      request.success({ statusCode: status, header: headers, data: body });
    });
    return { abort: nothing };
  }
}
