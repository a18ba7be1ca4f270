import { describe, expect, it } from "vitest";
import { contrast, hex, inkOn, parse, readable, WHITE } from "@/theme/colour";
import { PLAIN, variables, type Theme } from "@/theme/theme";

const BRANDS: [string, string][] = [
  ["#2f5d50", "#f2c46d"],
  ["#6b4226", "#f0c070"],
  ["#b3261e", "#ffd8a8"],
  ["#1d4ed8", "#fde68a"],
  ["#000000", "#ffffff"],
  ["#767676", "#ffffff"],
];

function tints(theme: Theme): Record<string, string> {
  return Object.fromEntries(variables(theme).split(";").map((part) => part.slice(2).split(":") as [string, string]));
}

it.each([["#ffffff", "#000000", 21], ["#767676", "#ffffff", 4.54], ["#2f5d50", "#2f5d50", 1]])("contrast of %s and %s is %d", (one, other, wanted) => {
  expect(contrast(parse(one), parse(other))).toBeCloseTo(wanted, 1);
});

describe.each(BRANDS)("a brand of %s and %s", (color, accent) => {
  const shown = tints({ ...PLAIN, color, accent });

  it.each([
    ["l-on-brand", "l-brand"],
    ["d-on-brand", "d-brand"],
    ["l-text", "l-soft"],
    ["d-text", "d-soft"],
    ["l-on-accent", "l-accent"],
    ["d-on-accent", "d-accent"],
  ])("reads %s on %s", (ink, ground) => {
    expect(contrast(parse(shown[ink] ?? ""), parse(shown[ground] ?? ""))).toBeGreaterThanOrEqual(4.5);
  });

  it.each(["l", "d"])("reads figures on its card (%s)", (when) => {
    expect(contrast(parse(shown[`${when}-gold`] ?? ""), parse(shown[`${when}-brand`] ?? ""))).toBeGreaterThanOrEqual(2.9);
  });
});

it("moves a colour only as far as it must", () => {
  expect(hex(readable(parse("#2f5d50"), WHITE))).toBe("#2f5d50");
  expect(contrast(readable(parse("#ffe08a"), WHITE), WHITE)).toBeGreaterThanOrEqual(4.5);
});

it("chooses the ink that is read", () => {
  expect(inkOn(parse("#2f5d50"))).toEqual(WHITE);
  expect(inkOn(parse("#fde68a"))).not.toEqual(WHITE);
});
