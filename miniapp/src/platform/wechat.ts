import { Failure } from "@/api/failures";
import { SERVER } from "@/config";
import { Declined, type Consent, type Payment, type Platform } from "./platform";

interface Fault {
  errMsg?: string;
  errno?: number;
  errCode?: number;
}

interface Ended {
  success(): void;
  fail(fault: Fault): void;
}

/** What the framework's types do not have; those with a question mark are missing in an old WeChat. */
declare const wx: {
  env: { USER_DATA_PATH: string };
  onNeedPrivacyAuthorization?(ask: (resolve: (answer: { event: "agree" | "disagree"; buttonId?: string }) => void) => void): void;
  openPrivacyContract?(options: { complete(): void }): void;
  shareFileMessage?(options: { filePath: string; fileName: string } & Ended): void;
  getFileSystemManager(): { writeFile(options: { filePath: string; data: string; encoding: "utf8" } & Ended): void };
};

/** WeChat's number for a call that the member has not agreed to in the privacy guideline. */
const UNAGREED = 104;

/** `errMsg` of a dialog that the member closed is "scanCode:fail cancel" or "getPhoneNumber:fail user deny"; a refused agreement has its own number. */
function closed(fault: Fault, sentence: string): Error {
  return /cancel|deny/i.test(fault.errMsg ?? "") || fault.errno === UNAGREED ? new Declined() : new Failure(sentence);
}

function written(path: string, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    wx.getFileSystemManager().writeFile({
      filePath: path,
      data: text,
      encoding: "utf8",
      success: () => resolve(),
      fail: () => reject(new Failure("手机上没有存成，请清理一些空间再试")),
    });
  });
}

function sent(path: string, name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    if (!wx.shareFileMessage) return reject(new Failure("微信版本太旧，请先升级微信"));
    wx.shareFileMessage({
      filePath: path,
      fileName: name,
      success: () => resolve(),
      fail: (fault) => reject(closed(fault, "没有发成，请再试一次")),
    });
  });
}

interface PhoneNumberEvent {
  detail: Fault & { code?: string };
}

/** WeChat itself. */
export const platform: Platform = {
  name: "wechat",
  server: SERVER,
  scope: "",
  login: () =>
    new Promise((resolve, reject) => {
      uni.login({
        provider: "weixin",
        success: ({ code }) => resolve(code),
        fail: () => reject(new Failure("微信登录没有成功，请再试一次")),
      });
    }),
  scanCode: () =>
    new Promise((resolve, reject) => {
      uni.scanCode({
        success: ({ result, path }) => resolve(result || path),
        fail: (fault: Fault) => reject(closed(fault, "没有扫成，请再试一次")),
      });
    }),
  requestPayment: (payment: Payment) =>
    new Promise((resolve, reject) => {
      uni.requestPayment({
        provider: "wxpay",
        orderInfo: {},
        ...payment,
        success: () => resolve(),
        fail: (fault: Fault) => reject(closed(fault, "没有付成，请再试一次")),
      });
    }),
  requestSubscribeMessage: (templates) =>
    new Promise((resolve, reject) => {
      uni.requestSubscribeMessage({
        tmplIds: [...templates],
        success: (answers) => resolve(answers as unknown as Record<string, Consent>),
        // 20004: the member has switched off all messages of this mini-program
        fail: (fault: Fault) =>
          fault.errCode === 20004 ? reject(new Declined()) : reject(new Failure("暂时不能订阅，请稍后再试")),
      });
    }),
  settledMessages: (templates) =>
    new Promise((resolve) => {
      uni.getSetting({
        withSubscriptions: true,
        success: ({ subscriptionsSetting: found }) =>
          resolve(templates.filter((template) => !found?.mainSwitch || template in (found.itemSettings ?? {}))),
        fail: () => resolve([...templates]),
      });
    }),
  phoneCode: (tapped) => {
    const { code, ...fault } = (tapped as PhoneNumberEvent).detail;
    return code ? Promise.resolve(code) : Promise.reject(closed(fault, "没有拿到手机号，请稍后再试"));
  },
  share: () => Promise.resolve(),
  onPrivacyNeeded: (ask) =>
    wx.onNeedPrivacyAuthorization?.((resolve) =>
      ask({
        agree: (buttonId) => resolve({ event: "agree", buttonId }),
        refuse: () => resolve({ event: "disagree" }),
      }),
    ),
  openPrivacyGuideline: () =>
    new Promise((resolve) => {
      if (!wx.openPrivacyContract) return resolve();
      wx.openPrivacyContract({ complete: () => resolve() });
    }),
  openSettings: () => new Promise((resolve) => uni.openSetting({ complete: () => resolve() })),
  copy: (text) =>
    new Promise((resolve, reject) => {
      uni.setClipboardData({
        data: text,
        showToast: false,
        success: () => resolve(),
        fail: (fault: Fault) => reject(closed(fault, "没有复制成功，请再试一次")),
      });
    }),
  saveFile: async (name, text) => {
    const path = `${wx.env.USER_DATA_PATH}/${name}`;
    await written(path, text);
    await sent(path, name);
  },
  showCode: () => undefined,
  paint: () => undefined,
  now: () => new Date(),
  onChanged: () => () => undefined,
  onOnline: (listener) => {
    const heard = ({ isConnected }: { isConnected: boolean }): void => {
      if (isConnected) listener();
    };
    uni.onNetworkStatusChange(heard);
    return () => uni.offNetworkStatusChange(heard);
  },
};
