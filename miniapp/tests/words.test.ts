import { expect, it } from "vitest";
import { dayOf, dayText, daysBetween, later, momentText, usableText, weeksOf } from "@/words/dates";
import { number, odds, signed, yuan } from "@/words/numbers";

it.each([[0, "0"], [999, "999"], [1000, "1,000"], [1234567, "1,234,567"], [-1000, "-1,000"]])("%d is %s", (value, text) => {
  expect(number(value)).toBe(text);
});

it("writes signs, odds and money", () => {
  expect([signed(5), signed(-5), signed(0)]).toEqual(["+5", "-5", "0"]);
  expect([odds(125_000), odds(300), odds(1), odds(1_000_000)]).toEqual(["12.5%", "0.03%", "0.0001%", "100%"]);
  expect([yuan(1250), yuan(1200), yuan(5)]).toEqual(["12.50", "12", "0.05"]);
});

it("reckons with days", () => {
  expect(later("2026-02-28", 1)).toBe("2026-03-01");
  expect(daysBetween("2026-12-30", "2027-01-02")).toBe(3);
  expect(dayText("2026-06-01")).toBe("6月1日");
  expect(dayText("2027-06-01", "2026-01-01")).toBe("2027年6月1日");
  expect(usableText("2026-06-01")).toBe("可用至 5月31日");
  expect(usableText("9999-12-31")).toBe("长期有效");
});

it("shows instants in China's time", () => {
  expect(momentText("2026-11-28T17:30:00+00:00")).toBe("11月29日 01:30");
  expect(momentText("2026-11-28T09:30:00+08:00")).toBe("11月28日 09:30");
  expect(dayOf("2026-11-28T16:00:00Z")).toBe("2026-11-29");
});

it("lays out a month in weeks from Monday", () => {
  const weeks = weeksOf("2026-02");
  expect(weeks).toHaveLength(5);
  expect(weeks[0]).toEqual(["", "", "", "", "", "", "2026-02-01"]);
  expect(weeks.at(-1)?.slice(0, 6).at(-1)).toBe("2026-02-28");
});
