import { number } from "@/words/numbers";

/** A band of prices on a shelf, both ends included; `to` null is open. */
export interface Band {
  id: string;
  name: string;
  from: number;
  to: number | null;
}

const FEWEST = 4;
const ROUND = [1, 2, 5];

/** The smallest of 1, 2, 5, 10, 20, 50, … that is not below `points`. */
function roundUp(points: number): number {
  for (let ten = 1; ; ten *= 10) {
    const found = ROUND.find((digit) => digit * ten >= points);
    if (found) return found * ten;
  }
}

/**
 * Up to three bands that part the prices at round numbers, none of them empty; none at all where there are too few prices to choose
 * among, or all would be in one band.
 */
export function bandsOf(prices: readonly number[]): Band[] {
  if (prices.length < FEWEST) return [];
  const sorted = [...prices].sort((one, other) => one - other);
  const highest = sorted[sorted.length - 1] ?? 0;
  const thirds = [1, 2].map((third) => roundUp(sorted[Math.floor((sorted.length * third) / 3) - 1] ?? 0));
  const cuts = [...new Set(thirds)].filter((cut) => cut < highest);
  const starts = [0, ...cuts.map((cut) => cut + 1)];
  const bands = starts.map((from, at) => band(from, cuts[at] ?? null));
  const filled = bands.filter((one) => prices.some((price) => isWithin(one, price)));
  return filled.length > 1 ? filled : [];
}

/** Whether a price is in the band. */
export function isWithin(band: Band, price: number): boolean {
  return price >= band.from && (band.to === null || price <= band.to);
}

function band(from: number, to: number | null): Band {
  const name = to === null ? `${number(from - 1)} 以上` : from === 0 ? `${number(to)} 以内` : `${number(from)}–${number(to)}`;
  return { id: `${from}-${to ?? ""}`, name, from, to };
}
