import { expect, it } from "vitest";
import { patternOf } from "@/theme/motif";

it.each([[6, 28], [10, 22], [16, 48], [24, 56]])("corners of %d px have a pattern of their own", (radius, side) => {
  expect(decodeURIComponent(patternOf(radius))).toContain(`viewBox="0 0 ${side} ${side}"`);
});
