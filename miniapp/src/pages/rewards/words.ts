import type { Item } from "@/api";
import { dayText, daysBetween, lastDay, momentText, type Day } from "@/words/dates";
import { number, yuan } from "@/words/numbers";

type Reward = Item<"/rewards">;
type Redemption = Item<"/redemptions">;

const STATES: Readonly<Record<string, string>> = { issued: "待使用", used: "已使用", cancelled: "已取消", expired: "已过期" };
const SOURCES: Readonly<Record<string, string>> = { draw: "抽奖所得", unlock: "连续签到所得" };
const SOON_DAYS = 7;

/** `60 积分 + ¥12.50`. */
export function priceText(points: number, fen: number): string {
  const cash = fen ? `¥${yuan(fen)}` : "";
  return [points || !cash ? `${number(points)} 积分` : "", cash].filter(Boolean).join(" + ");
}

/** How many pieces are left. */
export function stockText(left: number | null): string {
  if (left === null) return "库存充足";
  return left ? `剩 ${number(left)} 份` : "已兑完";
}

/** What the price of old points means; "" where the member has none. */
export function oldPriceText(reward: Reward, today: Day): string {
  const { new_price_points: later, old_price_until: until } = reward;
  if (later === null || until === null) return "";
  return `老积分价，到 ${dayText(lastDay(until), today)}为止，之后 ${number(later)} 积分`;
}

/** Whether the reward can be given back. */
export function cancelText(hours: number): string {
  if (!hours) return "兑换后不能取消";
  const span = hours % 24 === 0 && hours > 24 ? `${hours / 24} 天` : `${hours} 小时`;
  return `${span}内没用的话可以取消，积分退回`;
}

/** The state of a voucher. */
export function stateText(state: string): string {
  return STATES[state] ?? state;
}

/** What the voucher cost, or where it comes from. */
export function costText(voucher: Redemption): string {
  return voucher.points ? `${number(voucher.points)} 积分` : (SOURCES[voucher.source] ?? "赠送");
}

/** Until when the voucher can be used; the days that are left, where they are few. */
export function untilText(expiresOn: Day, state: string, today: Day): string {
  const last = lastDay(expiresOn);
  const left = daysBetween(today, last);
  const near = state === "issued" && left >= 0 && left <= SOON_DAYS;
  return `可用至 ${dayText(last, today)}${near ? (left ? `，还剩 ${left} 天` : "，今天最后一天") : ""}`;
}

/** Until when it can be cancelled; "" where it cannot. */
export function cancelUntilText(until: string | null, today: Day): string {
  return until ? `${momentText(until, today)} 前可取消` : "";
}

/** The end of the permanent code, which tells vouchers apart; all of it would be a voucher for whoever reads it. */
export function tailText(code: string | null): string {
  return code ? `尾号 ${code.slice(-4)}` : "";
}
