import type { Received } from "@/api/client";
import { ANSWERS } from "./answers";
import { Phone } from "./phone";

/** A success with this body. */
export function ok(body: unknown): Received {
  return { status: 200, headers: { "content-type": "application/json" }, body };
}

/** A refusal as the server words it. */
export function refused(status: number, code: string, title: string, headers: Record<string, string> = {}): Received {
  return { status, headers, body: { type: "about:blank", title, status, code } };
}

/** The addresses as the mini-program asks for them, with the ids of the answers. */
const AT: Record<string, string> = { "{wheel}": "lucky", "{draw}": "398-1", "{poll}": "spring" };

/** The size of a poster of the demo. */
const PICTURE_BYTES = 72_645;

/** A phone on which the mini-program has just been started; the server answers as it did to the member of answers.ts. */
export function startedPhone(): Phone {
  const phone = new Phone();
  for (const [what, body] of Object.entries(ANSWERS)) phone.weixin.answers.set(what.replace(/\{\w+\}/g, (name) => AT[name] ?? name), ok(body));
  phone.weixin.answers.set("GET /extensions", refused(404, "extensions_off", "积分不能延期"));
  for (const picture of ["qrcode", "poster"]) {
    const body = new Uint8Array(PICTURE_BYTES).buffer;
    phone.weixin.answers.set(`GET /referral/${picture}.png`, { status: 200, headers: { "content-type": "image/png" }, body });
  }
  phone.start();
  return phone;
}
