import { onScopeDispose, ref, shallowRef, watch, type Ref, type ShallowRef } from "vue";
import { Unreachable, wordsOf } from "@/api/failures";
import { platform } from "@/platform";

/** A code that changes every 30 seconds, as the API gives it. */
export interface ChangingCode {
  code: string;
  /** From when on another one is shown; this one is accepted for one step longer. */
  expires_at: string;
}

/** The code on an open sheet. None is `shown` at first, when there is no code any more, and after too long without an answer. */
export interface Rotating {
  shown: ShallowRef<ChangingCode | null>;
  sorry: Ref<string>;
  /** How long the code has been the newest one already when it was shown, in seconds. */
  elapsedS: Ref<number>;
}

export const STEP_MS = 30_000;
/** The code is asked for more often than it changes, so that the page sees soon that staff have taken the voucher. */
const ASK_MS = 4_000;
const LEAST_MS = 1_000;
const NO_NETWORK = "没有网络，换不了新码。连上网会自动换。";

/** How long the code is still the newest one, in milliseconds: never more than a step, however the phone's clock goes. */
export function leftMs(expiresAt: string, now: Date): number {
  return Math.min(Math.max(Date.parse(expiresAt) - now.getTime(), 0), STEP_MS);
}

/**
 * The code of `subject`, which a new one replaces before it is over, as long as `subject` is not "". `ask` gives null where there is no
 * code any more; it is not asked again then. Without a network the last code stays for as long as it is accepted.
 */
export function useRotatingCode(subject: () => string, ask: (subject: string) => Promise<ChangingCode | null>): Rotating {
  const shown = shallowRef<ChangingCode | null>(null);
  const sorry = ref("");
  const elapsedS = ref(0);
  let active = "";
  let turn = 0;
  let again: ReturnType<typeof setTimeout> | undefined;
  let over: ReturnType<typeof setTimeout> | undefined;

  function hide(): void {
    clearTimeout(over);
    shown.value = null;
  }

  function begin(id: string): void {
    active = id;
    turn += 1;
    clearTimeout(again);
    hide();
    sorry.value = "";
    if (id) void renew();
  }

  /** Shows the code; how long it is the newest one. A code that is shown already is left alone, so that nothing flickers. */
  function show(found: ChangingCode): number {
    const left = leftMs(found.expires_at, platform.now());
    if (found.code !== shown.value?.code) {
      elapsedS.value = (STEP_MS - left) / 1000;
      shown.value = found;
    }
    clearTimeout(over);
    over = setTimeout(hide, left + STEP_MS);
    return left;
  }

  async function renew(): Promise<void> {
    clearTimeout(again);
    turn += 1;
    const mine = turn;
    let wait = ASK_MS;
    try {
      const found = await ask(active);
      if (mine !== turn) return;
      if (!found) return begin("");
      sorry.value = "";
      wait = Math.min(Math.max(show(found), LEAST_MS), ASK_MS);
    } catch (error) {
      if (mine !== turn) return;
      sorry.value = error instanceof Unreachable ? NO_NETWORK : wordsOf(error);
    }
    again = setTimeout(() => void renew(), wait);
  }

  function restart(): void {
    if (active) void renew();
  }

  watch(subject, begin, { immediate: true });
  const stops = [platform.onChanged(restart), platform.onOnline(restart)];
  onScopeDispose(() => {
    begin("");
    for (const stop of stops) stop();
  });
  return { shown, sorry, elapsedS };
}
