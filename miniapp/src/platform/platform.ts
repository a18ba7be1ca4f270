/** What `wx.requestPayment` wants, as the server's `payment` holds it. */
export interface Payment {
  timeStamp: string;
  nonceStr: string;
  package: string;
  signType: "RSA" | "MD5" | "HMAC-SHA256";
  paySign: string;
}

/** A member's answer to one template: everything but `accept` means no. */
export type Consent = "accept" | "reject" | "ban" | "filter";

/** The member closed the platform's dialog or refused: nothing to complain about. */
export class Declined extends Error {}

/** What a friend sees of a shared page. */
export interface Shared {
  title: string;
  path: string;
  picture?: string;
}

/** An invitation on the screen: of the official account or of the mini-program. */
export interface ShownCode {
  kind: "oa" | "miniapp";
  referral: { code: string; scene: string };
}

/** What the mini-program needs of the platform that runs it. `wechat.ts` and `web.ts` are the two implementations. */
export interface Platform {
  readonly name: "wechat" | "web";
  /** The address of the shop's server; "" on the web, where the page comes from there. */
  readonly server: string;
  /** Keeps apart what two phones of one browser store. */
  readonly scope: string;
  /** A code that the server exchanges for a session. */
  login(): Promise<string>;
  /** The text of the code that the member scans. Throws Declined. */
  scanCode(): Promise<string>;
  /** Asks the member to pay. Throws Declined. */
  requestPayment(payment: Payment): Promise<void>;
  /** Asks for consent to one message per template; call it in the handler of a tap. */
  requestSubscribeMessage(templates: readonly string[]): Promise<Record<string, Consent>>;
  /** The member's phone number as a code, from the event of the platform's button. Throws Declined. */
  phoneCode(tapped: unknown): Promise<string>;
  /** Opens the sheet by which a page is shared; on WeChat the page's own button does. */
  share(page: Shared): Promise<void>;
  /** Whether the member has to agree to the privacy guideline before the platform gives anything of theirs. */
  needsPrivacyAgreement(): Promise<boolean>;
  /** Shows the privacy guideline that the shop has filed with the platform. */
  openPrivacyGuideline(): Promise<void>;
  /** What code the page shows; the demo's second phone can scan it. None when the page is left. */
  showCode(code: ShownCode | null): void;
  /** The time as the server has it; the demo's clock can be moved. */
  now(): Date;
  /** Calls `listener` when the surroundings say that something may have changed; returns the way to stop. */
  onChanged(listener: () => void): () => void;
  /** Whether the system has a network, and whom to tell when one comes back. */
  onOnline(listener: () => void): () => void;
}
