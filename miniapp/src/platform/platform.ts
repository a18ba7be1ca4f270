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

/** The platform asks whether the member agrees to the privacy guideline: a page shows it, and answers once. */
export interface PrivacyQuestion {
  /** `button` is the id of the platform's button that was tapped. */
  agree(button: string): void;
  refuse(): void;
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
  /** The text of the code that the member scans, or of a mini-program's code its path. Throws Declined. */
  scanCode(): Promise<string>;
  /** Asks the member to pay. Throws Declined. */
  requestPayment(payment: Payment): Promise<void>;
  /** Asks for consent to one message per template; call it in the handler of a tap. */
  requestSubscribeMessage(templates: readonly string[]): Promise<Record<string, Consent>>;
  /** Those of the templates about which the platform would show no dialog, because the member has settled them for good. */
  settledMessages(templates: readonly string[]): Promise<string[]>;
  /** The member's phone number as a code, from the event of the platform's button. Throws Declined. */
  phoneCode(tapped: unknown): Promise<string>;
  /** Opens the sheet by which a page is shared; on WeChat the page's own button does. */
  share(page: Shared): Promise<void>;
  /** Calls `ask` when the member has to agree to the privacy guideline before the platform gives what a page wants of theirs. */
  onPrivacyNeeded(ask: (question: PrivacyQuestion) => void): void;
  /** Shows the privacy guideline that the shop has filed with the platform. */
  openPrivacyGuideline(): Promise<void>;
  /** Shows what the member has allowed the mini-program, where they can take it back. */
  openSettings(): Promise<void>;
  /** Puts a text on the clipboard. Throws Declined, and Failure. */
  copy(text: string): Promise<void>;
  /** Hands a text file to the member: a download, or on WeChat a file to send to a chat. Throws Declined, and Failure. */
  saveFile(name: string, text: string): Promise<void>;
  /** What code the page shows; the demo's second phone can scan it. None when the page is left. */
  showCode(code: ShownCode | null): void;
  /** The colours of the page at its head and, below a bar of tabs, at its foot, which the demo's phone gives its own edges. */
  paint(head: string, foot: string): void;
  /** The time as the server has it; the demo's clock can be moved. */
  now(): Date;
  /** Calls `listener` when the surroundings say that something may have changed; returns the way to stop. */
  onChanged(listener: () => void): () => void;
  /** Whether the system has a network, and whom to tell when one comes back. */
  onOnline(listener: () => void): () => void;
}
