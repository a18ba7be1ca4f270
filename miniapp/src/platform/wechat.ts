import { Failure } from "@/api/failures";
import { SERVER } from "@/config";
import { Declined, type Consent, type Payment, type Platform } from "./platform";

declare const wx: {
  getPrivacySetting?(options: { success(found: { needAuthorization: boolean }): void; fail(): void }): void;
  openPrivacyContract?(options: { complete(): void }): void;
};

/** `errMsg` of a dialog that the member closed: "scanCode:fail cancel", "requestPayment:fail cancel". */
function closed(fault: { errMsg?: string }, sentence: string): Error {
  return /cancel/i.test(fault.errMsg ?? "") ? new Declined() : new Failure(sentence);
}

interface PhoneNumberEvent {
  detail?: { code?: string };
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
        success: ({ result }) => resolve(result),
        fail: (fault: { errMsg?: string }) => reject(closed(fault, "没有扫成，请再试一次")),
      });
    }),
  requestPayment: (payment: Payment) =>
    new Promise((resolve, reject) => {
      uni.requestPayment({
        provider: "wxpay",
        orderInfo: {},
        ...payment,
        success: () => resolve(),
        fail: (fault: { errMsg?: string }) => reject(closed(fault, "没有付成，请再试一次")),
      });
    }),
  requestSubscribeMessage: (templates) =>
    new Promise((resolve, reject) => {
      uni.requestSubscribeMessage({
        tmplIds: [...templates],
        success: (answers) => resolve(answers as unknown as Record<string, Consent>),
        // 20004: the member has switched off all messages of this mini-program
        fail: (fault: { errCode?: number }) =>
          fault.errCode === 20004 ? reject(new Declined()) : reject(new Failure("暂时不能订阅，请稍后再试")),
      });
    }),
  phoneCode: (tapped) => {
    const code = (tapped as PhoneNumberEvent).detail?.code;
    return code ? Promise.resolve(code) : Promise.reject(new Declined());
  },
  share: () => Promise.resolve(),
  needsPrivacyAgreement: () =>
    new Promise((resolve) => {
      if (!wx.getPrivacySetting) return resolve(false);
      wx.getPrivacySetting({ success: (found) => resolve(found.needAuthorization), fail: () => resolve(false) });
    }),
  openPrivacyGuideline: () =>
    new Promise((resolve) => {
      if (!wx.openPrivacyContract) return resolve();
      wx.openPrivacyContract({ complete: () => resolve() });
    }),
  showCode: () => undefined,
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
