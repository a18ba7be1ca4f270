import { Hand, trustedOrigin } from "./hand";
import { tapByKeyboard } from "./keyboard";
import { copyText, downloadText } from "./browser";
import { Declined, type Consent, type Payment, type Platform, type PrivacyQuestion, type Shared } from "./platform";
import { turnWheelSideways } from "./sideways";

const named = document.querySelector<HTMLMetaElement>('meta[name="jifen-hand"]')?.content ?? "";
const hand = new Hand(window, trustedOrigin(named, document.referrer));

tapByKeyboard(document);
turnWheelSideways(document);

let ahead = 0;

hand.listen((told) => {
  if (told.now) ahead = Date.parse(told.now) - Date.now();
  if (told.what === "open" && told.path) openPath(told.path);
});

/** Open the page of a notice or a code; an unknown one opens the first page, as on WeChat. */
function openPath(path: string): void {
  uni.reLaunch({ url: path, fail: () => void uni.reLaunch({ url: "/pages/index/index" }) });
}

let askPrivacy: (question: PrivacyQuestion) => void = () => undefined;

/** As WeChat does, ask for the member's agreement before the first thing of theirs is given. Throws Declined. */
async function agreed(): Promise<void> {
  const { needAuthorization } = await hand.ask<{ needAuthorization: boolean }>("privacySetting");
  if (!needAuthorization) return;
  await new Promise<void>((resolve, reject) => askPrivacy({ agree: () => resolve(), refuse: () => reject(new Declined()) }));
  await hand.ask("agreePrivacy");
}

/** The web page in the emulator's phone: the page around it plays WeChat. */
export const platform: Platform = {
  name: "web",
  server: "",
  scope: new URLSearchParams(location.search).get("phone") ?? "",
  login: async () => {
    const { code, now, path } = await hand.ask<{ code: string; now: string; path: string }>("login");
    ahead = Date.parse(now) - Date.now();
    if (path) openPath(path);
    return code;
  },
  scanCode: () => hand.ask<string>("scanCode"),
  requestPayment: (payment: Payment) => hand.ask<undefined>("requestPayment", payment),
  requestSubscribeMessage: (templates) =>
    hand.ask<Record<string, Consent>>("requestSubscribeMessage", { templates }),
  settledMessages: () => Promise.resolve([]), // the emulator's dialog has no 「总是保持以上选择」
  phoneCode: async () => {
    await agreed();
    return hand.ask<string>("getPhoneNumber");
  },
  share: (page: Shared) => hand.ask<undefined>("share", page),
  onPrivacyNeeded: (ask) => {
    askPrivacy = ask;
  },
  openPrivacyGuideline: () => Promise.resolve(),
  openSettings: () => Promise.resolve(),
  copy: copyText,
  saveFile: (name, text) => Promise.resolve(downloadText(name, text)),
  showCode: (code) => hand.say("showCode", code ?? {}),
  paint: (head, foot) => hand.say("paint", { head, foot }),
  now: () => new Date(Date.now() + ahead),
  onChanged: (listener) =>
    hand.listen((told) => {
      if (told.what !== "open") listener();
    }),
  onOnline: (listener) => {
    window.addEventListener("online", listener);
    return () => window.removeEventListener("online", listener);
  },
};
