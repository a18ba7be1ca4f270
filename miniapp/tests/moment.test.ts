import { expect, it } from "vitest";
import { mayAsk, worthAsking } from "@/pages/messages/moment";

const NOW = new Date("2026-03-09T02:00:00Z");

it.each([
  ["", true],
  ["nonsense", true],
  ["2026-03-02T02:00:00Z", true],
  ["2026-03-02T02:00:01Z", false],
  ["2026-03-09T02:00:00Z", false],
])("a refusal at %j lets the member be asked again: %s", (refusedAt, expected) => {
  expect(mayAsk(refusedAt, NOW)).toBe(expected);
});

it("asks about what the member does not get and has not settled, three at most", () => {
  const message = (template: string, granted = 0) => ({ template, granted });
  const all = [message("a", 1), message("b"), message("c"), message("d"), message("e"), message("f")];
  expect(worthAsking(all, ["c"]).map((one) => one.template)).toEqual(["b", "d", "e"]);
  expect(worthAsking(all, ["b", "c", "d", "e", "f"])).toEqual([]);
});
