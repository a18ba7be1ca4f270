import { expect, it } from "vitest";
import { oddsText, priceOf, reasonAgainst, stockText, stopAngle, type Prize, type Wheel } from "@/pages/games/wheel";

const wheel = { free_left: 3, draws_left: 10, cost_points: 20 } as Wheel;

it.each([
  [0, 0, 8],
  [2_137.5, 5, 8],
  [-90, 2, 3],
  [777, 0, 1],
])("turns on from %d to sector %d of %d", (current, place, places) => {
  const angle = stopAngle(current, place, places);
  const under = (((-angle % 360) + 360) % 360) / (360 / places);
  expect(Math.floor(under)).toBe(place);
  expect(angle - current).toBeGreaterThanOrEqual(6 * 360);
  expect(angle - current).toBeLessThan(7 * 360);
});

it("takes nothing for the free draws", () => {
  expect([priceOf(wheel, 1), priceOf(wheel, 10)]).toEqual([0, 140]);
});

it("says why a draw cannot be made", () => {
  expect(reasonAgainst(wheel, 10, 140)).toBe("");
  expect(reasonAgainst(wheel, 10, 139)).toBe("积分不够，还差 1 积分");
  expect(reasonAgainst({ ...wheel, draws_left: 9 }, 10, 999)).toBe("今天只能再抽 9 次");
  expect(reasonAgainst({ ...wheel, draws_left: 0 }, 1, 999)).toBe("今天的次数用完了，明天再来");
});

it("tells stock and odds", () => {
  const prize = { sold_out: false, stock_left: 1200, odds_ppm: 1000, odds_now_ppm: 1000 } as Prize;
  expect([stockText(prize), oddsText(prize)]).toEqual(["剩 1,200 份", "0.1%"]);
  expect(stockText({ ...prize, stock_left: null })).toBe("不限量");
  const gone = { ...prize, sold_out: true, stock_left: 0, odds_now_ppm: 0 };
  expect([stockText(gone), oddsText(gone)]).toEqual(["已发完", "0%（公示 0.1%）"]);
});
