/** Red, green and blue, 0 to 255 each. */
export type Rgb = readonly [number, number, number];

export const WHITE: Rgb = [255, 255, 255];
export const BLACK: Rgb = [0, 0, 0];

/** The colour written as `#rrggbb`. */
export function parse(hex: string): Rgb {
  const value = Number.parseInt(hex.slice(1), 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

/** `#rrggbb`. */
export function hex(colour: Rgb): string {
  return `#${colour.map((part) => Math.round(part).toString(16).padStart(2, "0")).join("")}`;
}

/** `share` of `other` mixed into `colour`. */
export function mix(colour: Rgb, other: Rgb, share: number): Rgb {
  const blend = (place: 0 | 1 | 2): number => colour[place] + (other[place] - colour[place]) * share;
  return [blend(0), blend(1), blend(2)];
}

/** Relative luminance of WCAG, 0 to 1. */
export function luminance(colour: Rgb): number {
  const linear = (part: number): number => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * linear(colour[0]) + 0.7152 * linear(colour[1]) + 0.0722 * linear(colour[2]);
}

/** Contrast of WCAG, 1 to 21. */
export function contrast(one: Rgb, other: Rgb): number {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

/** `colour`, moved towards white or black only as far as text in it needs to be read on `ground`. */
export function readable(colour: Rgb, ground: Rgb, wanted = 4.5): Rgb {
  const towards = luminance(ground) < 0.18 ? WHITE : BLACK;
  for (let share = 0; share < 1; share += 0.04) {
    const moved = mix(colour, towards, share);
    if (contrast(moved, ground) >= wanted) return moved;
  }
  return towards;
}

/** White or a near black, whichever is read better on `ground`. */
export function inkOn(ground: Rgb): Rgb {
  const dark: Rgb = [28, 25, 23];
  return contrast(WHITE, ground) >= Math.min(4.5, contrast(dark, ground)) ? WHITE : dark;
}
