import { reactive } from "vue";
import type { Item } from "@/api";
import { number, odds } from "@/words/numbers";

export type Wheel = Item<"/wheels">;
export type Prize = Wheel["prizes"][number];

/** The duration of the turn; `.jf-wheel-disc` has the same. */
const SPIN_MS = 4_600;
/** How long after that the end is waited for: no event tells it when the page is covered. */
const SLACK_MS = 600;
const TURNS = 6;
/** A disc with more sectors than this has no room for names and shows numbers. */
const NAMED = 12;

/** The rotation in degrees that brings the middle of sector `place` of `places` under the pointer, full turns after `current`. */
export function stopAngle(current: number, place: number, places: number): number {
  const wanted = -((place + 0.5) * 360) / places;
  return current + TURNS * 360 + ((((wanted - current) % 360) + 360) % 360);
}

/** What stands on a sector: the prize's name, or its number where names have no room. */
export function labelOf(name: string, place: number, places: number): string {
  return places > NAMED ? String(place + 1) : name;
}

/** The points that `count` draws cost now, the free ones apart. */
export function priceOf(wheel: Wheel, count: number): number {
  return Math.max(0, count - wheel.free_left) * wheel.cost_points;
}

/** Why `count` draws cannot be made now; "" if they can, as far as the page knows. */
export function reasonAgainst(wheel: Wheel, count: number, balance: number): string {
  if (wheel.draws_left === 0) return "今天的次数用完了，明天再来";
  if (wheel.draws_left < count) return `今天只能再抽 ${wheel.draws_left} 次`;
  const missing = priceOf(wheel, count) - balance;
  return missing > 0 ? `积分不够，还差 ${number(missing)} 积分` : "";
}

/** How many pieces of a prize are left. */
export function stockText(prize: Prize): string {
  if (prize.sold_out) return "已发完";
  return prize.stock_left === null ? "不限量" : `剩 ${number(prize.stock_left)} 份`;
}

/** The odds of now, with the published ones where they differ. */
export function oddsText(prize: Prize): string {
  const [now, published] = [odds(prize.odds_now_ppm), odds(prize.odds_ppm)];
  return now === published ? now : `${now}（公示 ${published}）`;
}

/** The rotations of the wheels by their ids, and the turn that is under way. */
export interface Spin {
  rotations: Record<string, number>;
  /** Turn a wheel until sector `place` of `places` is under the pointer. Ends when it stands. */
  to(wheel: string, place: number, places: number): Promise<void>;
  /** The disc tells that it stands. */
  stopped(): void;
}

/** Wheels that stand where they stopped last. */
export function useSpin(): Spin {
  const rotations = reactive<Record<string, number>>({});
  let stopped: () => void = () => undefined;
  return {
    rotations,
    stopped: () => stopped(),
    to(wheel, place, places) {
      rotations[wheel] = stopAngle(rotations[wheel] ?? 0, place, places);
      return new Promise((resolve) => {
        const timer = setTimeout(resolve, SPIN_MS + SLACK_MS);
        stopped = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    },
  };
}
