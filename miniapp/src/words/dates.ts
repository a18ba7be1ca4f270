/** A calendar day `YYYY-MM-DD`, as the API has it: a business day of the shop, whatever the phone's own time zone. */
export type Day = string;

const DAY_MS = 86_400_000;

function utc(day: Day): Date {
  return new Date(`${day}T00:00:00Z`);
}

/** The day `days` later. */
export function later(day: Day, days: number): Day {
  return new Date(utc(day).getTime() + days * DAY_MS).toISOString().slice(0, 10);
}

/** How many days `to` is after `from`. */
export function daysBetween(from: Day, to: Day): number {
  return Math.round((utc(to).getTime() - utc(from).getTime()) / DAY_MS);
}

/** `6月1日`, with the year where it is not that of `today`. */
export function dayText(day: Day, today?: Day): string {
  const year = today && day.slice(0, 4) !== today.slice(0, 4) ? `${Number(day.slice(0, 4))}年` : "";
  return `${year}${Number(day.slice(5, 7))}月${Number(day.slice(8, 10))}日`;
}

/** The last day on which points can be used that are gone on `goneOn`. */
export function lastDay(goneOn: Day): Day {
  return later(goneOn, -1);
}

/** Points that never lapse are gone on this day. */
const NEVER: Day = "9999-12-31";

/** `可用至 6月1日` of points that are gone the day after it, `长期有效` of those that never lapse. */
export function usableText(goneOn: Day, today?: Day): string {
  return goneOn === NEVER ? "长期有效" : `可用至 ${dayText(lastDay(goneOn), today)}`;
}

const CHINA_MS = 8 * 3_600_000;

/** The day in China at this instant. */
export function dayOf(instant: string | Date): Day {
  return new Date(new Date(instant).getTime() + CHINA_MS).toISOString().slice(0, 10);
}

/** `6月1日 09:30` of an instant, in China's time; with the year where it is not that of `today`. */
export function momentText(instant: string, today?: Day): string {
  const there = new Date(new Date(instant).getTime() + CHINA_MS).toISOString();
  return `${dayText(there.slice(0, 10), today)} ${there.slice(11, 16)}`;
}

/** The weeks of a month, Monday first; "" stands for a day of another month. */
export function weeksOf(month: string): Day[][] {
  const first = utc(`${month}-01`);
  const empty = (first.getUTCDay() + 6) % 7;
  const last = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).getUTCDate();
  const days = [
    ...Array.from({ length: empty }, () => ""),
    ...Array.from({ length: last }, (_, day) => `${month}-${String(day + 1).padStart(2, "0")}`),
  ];
  while (days.length % 7) days.push("");
  return Array.from({ length: days.length / 7 }, (_, week) => days.slice(week * 7, week * 7 + 7));
}

/** How many days a month has, counted from 1; February its 29th too. */
export function daysOfMonth(month: number): number {
  return new Date(Date.UTC(2024, month, 0)).getUTCDate();
}

/** `2月29日` of a birthday `02-29`. */
export function birthdayText(birthday: string): string {
  return dayText(`2024-${birthday}`);
}
