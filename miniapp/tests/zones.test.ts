import { afterAll, describe, expect, it } from "vitest";
import { birthdayText, dayOf, daysBetween, daysOfMonth, lastDay, later, momentText, weeksOf } from "@/words/dates";

const HERE = process.env.TZ;

afterAll(() => {
  if (HERE === undefined) delete process.env.TZ;
  else process.env.TZ = HERE;
});

/** Phones of travellers: behind, ahead, and with a summer time that China does not have. */
describe.each([
  ["Asia/Shanghai", -480],
  ["America/New_York", 240],
  ["Pacific/Kiritimati", -840],
  ["Pacific/Pago_Pago", 660],
  ["Australia/Lord_Howe", -630],
])("on a phone in %s", (zone, behind) => {
  const as = <Result>(work: () => Result): Result => {
    process.env.TZ = zone;
    return work();
  };

  it("the phone's own clock is elsewhere", () => {
    expect(as(() => new Date("2026-07-01T00:00:00Z").getTimezoneOffset())).toBe(behind);
  });

  it("days pass over ends of months and years, and over the nights in which clocks are moved", () => {
    const steps: [string, number, string][] = [
      ["2026-01-31", 1, "2026-02-01"],
      ["2026-02-28", 1, "2026-03-01"],
      ["2028-02-28", 1, "2028-02-29"],
      ["2026-12-31", 1, "2027-01-01"],
      ["2026-03-01", -1, "2026-02-28"],
      ["2026-03-07", 2, "2026-03-09"],
      ["2026-10-31", 2, "2026-11-02"],
    ];
    for (const [from, days, to] of steps) {
      expect(as(() => later(from, days))).toBe(to);
      expect(as(() => daysBetween(from, to))).toBe(days);
    }
    expect(as(() => daysBetween("2026-01-01", "2027-01-01"))).toBe(365);
    expect(as(() => lastDay("2027-01-01"))).toBe("2026-12-31");
  });

  it("an instant is on China's day, at China's hour", () => {
    expect(as(() => dayOf("2026-12-31T15:59:59Z"))).toBe("2026-12-31");
    expect(as(() => dayOf("2026-12-31T16:00:00Z"))).toBe("2027-01-01");
    expect(as(() => momentText("2026-07-01T00:00:00-04:00", "2026-01-01"))).toBe("7月1日 12:00");
    expect(as(() => momentText("2026-12-31T16:05:00Z", "2026-12-31"))).toBe("2027年1月1日 00:05");
  });

  it("months have their weeks and birthdays their days", () => {
    const weeks = as(() => weeksOf("2028-02"));
    expect(weeks.flat().filter(Boolean)).toHaveLength(29);
    expect(weeks.every((week) => week.length === 7)).toBe(true);
    expect(weeks[0]?.[1]).toBe("2028-02-01");
    expect(as(() => [2, 4, 12].map(daysOfMonth))).toEqual([29, 30, 31]);
    expect(as(() => birthdayText("02-29"))).toBe("2月29日");
  });
});
