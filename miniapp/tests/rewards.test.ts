import { describe, expect, it } from "vitest";
import {
  cancelText,
  cancelUntilText,
  costText,
  oldPriceText,
  priceText,
  stateText,
  stockText,
  tailText,
  untilText,
} from "@/pages/rewards/words";
import type { Item } from "@/api";

type Reward = Item<"/rewards">;
type Redemption = Item<"/redemptions">;

const TODAY = "2026-11-29";

it.each([
  [60, 0, "60 积分"],
  [1500, 1250, "1,500 积分 + ¥12.50"],
  [0, 900, "¥9"],
  [0, 0, "0 积分"],
])("a price of %d points and %d fen is %s", (points, fen, text) => {
  expect(priceText(points, fen)).toBe(text);
});

it.each<[number | null, string]>([[null, "库存充足"], [1200, "剩 1,200 份"], [1, "剩 1 份"], [0, "已兑完"]])("a stock of %s is %s", (left, text) => {
  expect(stockText(left)).toBe(text);
});

it.each([
  [0, "兑换后不能取消"],
  [1, "1 小时内没用的话可以取消，积分退回"],
  [24, "24 小时内没用的话可以取消，积分退回"],
  [48, "2 天内没用的话可以取消，积分退回"],
  [50, "50 小时内没用的话可以取消，积分退回"],
])("a reward that can be given back for %d hours says so", (hours, text) => {
  expect(cancelText(hours)).toBe(text);
});

describe("the price of old points", () => {
  const reward = { new_price_points: 120, old_price_until: "2027-01-01" } as Reward;

  it("ends with the last day on which it holds", () => {
    expect(oldPriceText(reward, TODAY)).toBe("老积分价，到 12月31日为止，之后 120 积分");
    expect(oldPriceText({ ...reward, old_price_until: "2027-03-01" }, TODAY)).toBe("老积分价，到 2027年2月28日为止，之后 120 积分");
  });

  it("is not spoken of where the member has none", () => {
    expect(oldPriceText({ ...reward, new_price_points: null }, TODAY)).toBe("");
    expect(oldPriceText({ ...reward, old_price_until: null }, TODAY)).toBe("");
  });
});

describe("a voucher", () => {
  it.each([
    ["2027-01-10", "issued", "可用至 2027年1月9日"],
    ["2026-12-08", "issued", "可用至 12月7日"],
    ["2026-12-07", "issued", "可用至 12月6日，还剩 7 天"],
    ["2026-12-01", "issued", "可用至 11月30日，还剩 1 天"],
    ["2026-11-30", "issued", "可用至 11月29日，今天最后一天"],
    ["2026-11-29", "issued", "可用至 11月28日"],
    ["2026-11-30", "used", "可用至 11月29日"],
  ])("that is gone on %s and is %s: %s", (goneOn, state, text) => {
    expect(untilText(goneOn, state, TODAY)).toBe(text);
  });

  it("tells its state, its price and where it comes from", () => {
    expect(["issued", "used", "cancelled", "expired", "lent"].map(stateText)).toEqual(["待使用", "已使用", "已取消", "已过期", "lent"]);
    const costs = [{ points: 60 }, { points: 0, source: "draw" }, { points: 0, source: "unlock" }, { points: 0, source: "gift" }];
    expect(costs.map((one) => costText(one as Redemption))).toEqual(["60 积分", "抽奖所得", "连续签到所得", "赠送"]);
  });

  it("tells until when it can be cancelled, in China's time", () => {
    expect(cancelUntilText("2026-11-30T16:30:00Z", TODAY)).toBe("12月1日 00:30 前可取消");
    expect(cancelUntilText(null, TODAY)).toBe("");
  });

  it("is told from others by the end of its code", () => {
    expect([tailText("HX27ETNR4VPN"), tailText(null)]).toEqual(["尾号 4VPN", ""]);
  });
});
