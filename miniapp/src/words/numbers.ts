/** A number with commas between thousands. */
export function number(value: number): string {
  const digits = String(Math.abs(value)).replace(/\B(?=(\d{3})+$)/g, ",");
  return value < 0 ? `-${digits}` : digits;
}

/** A number with its sign. */
export function signed(value: number): string {
  return value > 0 ? `+${number(value)}` : number(value);
}

/** Parts per million as a percentage with no needless zeros: 1000 is `0.1%`. */
export function odds(ppm: number): string {
  return `${Number((ppm / 10_000).toFixed(4))}%`;
}

/** Fen as yuan: 1250 is `12.50`, 1200 is `12`. */
export function yuan(fen: number): string {
  return fen % 100 === 0 ? number(fen / 100) : (fen / 100).toFixed(2);
}
