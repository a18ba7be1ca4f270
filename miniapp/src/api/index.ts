import { platform } from "@/platform";
import { Client } from "./client";
import { LoginFailed } from "./failures";
import { Keys, newKey } from "./keys";
import { send } from "./transport";

const store = {
  read: (name: string): string => String(uni.getStorageSync(platform.scope + name) || ""),
  write: (name: string, value: string): void => uni.setStorageSync(platform.scope + name, value),
};

/** The server's API for the member of this phone. */
export const api = new Client({
  send,
  login: () =>
    platform.login().catch((error: unknown) => {
      throw new LoginFailed(error instanceof Error && error.message ? error.message : undefined);
    }),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  random: Math.random,
  base64: (bytes) => uni.arrayBufferToBase64(bytes),
  keys: new Keys(store, Date.now, newKey),
});

export { Failure, Refused, Unreachable, wordsOf } from "./failures";
export type { Answer, Item, Schema } from "./types";
