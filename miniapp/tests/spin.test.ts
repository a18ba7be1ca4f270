import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { labelOf, useSpin } from "@/pages/games/wheel";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Whether a promise has ended. */
async function ended(promise: Promise<void>): Promise<boolean> {
  let over = false;
  void promise.then(() => (over = true));
  await vi.advanceTimersByTimeAsync(0);
  return over;
}

it("ends a turn when the disc says that it stands", async () => {
  const spin = useSpin();
  const turn = spin.to("lucky", 3, 8);
  await vi.advanceTimersByTimeAsync(4_000);
  expect(await ended(turn)).toBe(false);
  spin.stopped();
  expect(await ended(turn)).toBe(true);
});

it("ends a turn in time where nothing tells the end, as on a page that is covered", async () => {
  const turn = useSpin().to("lucky", 3, 8);
  await vi.advanceTimersByTimeAsync(5_199);
  expect(await ended(turn)).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(await ended(turn)).toBe(true);
});

it("turns each wheel on from where it stands, with the drawn sector under the pointer", () => {
  const spin = useSpin();
  const under = (wheel: string, places: number): number => Math.floor(((((-(spin.rotations[wheel] ?? 0)) % 360) + 360) % 360) / (360 / places));
  for (const places of [1, 2, 3, 7, 8, 12, 24]) {
    for (let place = 0; place < places; place += 1) {
      const before = spin.rotations[`of-${places}`] ?? 0;
      void spin.to(`of-${places}`, place, places);
      expect(under(`of-${places}`, places)).toBe(place);
      expect(spin.rotations[`of-${places}`]).toBeGreaterThan(before + 5 * 360);
    }
  }
  expect(Object.keys(spin.rotations)).toHaveLength(7);
});

it("names sectors where names have room", () => {
  expect([labelOf("拿铁一杯", 0, 12), labelOf("拿铁一杯", 0, 13)]).toEqual(["拿铁一杯", "1"]);
});
