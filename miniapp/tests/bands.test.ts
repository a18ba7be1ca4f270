import { describe, expect, it } from "vitest";
import { bandsOf, isWithin } from "@/pages/rewards/bands";

const names = (prices: number[]): string[] => bandsOf(prices).map((band) => band.name);

describe("bands of prices", () => {
  it("part the shelf at round numbers", () => {
    expect(names([30, 60, 100, 180, 300, 1200])).toEqual(["100 以内", "101–200", "200 以上"]);
    expect(names([15, 60, 400, 4500])).toEqual(["20 以内", "21–100", "100 以上"]);
  });

  it("are left out where one band holds all, or there is little to choose among", () => {
    expect(names([30, 60, 100])).toEqual([]);
    expect(names([50, 50, 50, 50])).toEqual([]);
    expect(names([])).toEqual([]);
  });

  it("are at most three, none empty, whatever the prices are", () => {
    let seed = 7;
    const next = (): number => (seed = (seed * 48_271) % 2_147_483_647);
    for (let shelf = 0; shelf < 500; shelf += 1) {
      const prices = Array.from({ length: 1 + (next() % 30) }, () => next() % 10 ** (1 + (next() % 5)));
      const bands = bandsOf(prices);
      expect(bands.length).toBeLessThanOrEqual(3);
      for (const band of bands) expect(prices.some((price) => isWithin(band, price))).toBe(true);
      for (const price of prices) expect(bands.filter((band) => isWithin(band, price)).length).toBe(bands.length ? 1 : 0);
    }
  });

  it("hold every price once", () => {
    const prices = [1, 9, 10, 11, 49, 50, 51, 999, 1000, 1001, 88_000];
    const bands = bandsOf(prices);
    for (const price of prices) expect(bands.filter((band) => isWithin(band, price))).toHaveLength(1);
  });
});
