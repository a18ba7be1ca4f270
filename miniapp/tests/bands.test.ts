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

  it("hold every price once", () => {
    const prices = [1, 9, 10, 11, 49, 50, 51, 999, 1000, 1001, 88_000];
    const bands = bandsOf(prices);
    for (const price of prices) expect(bands.filter((band) => isWithin(band, price))).toHaveLength(1);
  });
});
