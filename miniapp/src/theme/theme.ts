import type { Schema } from "@/api/types";
import { hex, inkOn, mix, parse, readable, WHITE, type Rgb } from "./colour";

/** The brand's looks, as `programme.theme` of the rule set has them. */
export type Theme = Schema<"ThemeView">;

/** What is shown until the server has told its own. */
export const PLAIN: Theme = { color: "#2f5d50", accent: "#f2c46d", radius: 16, logo: null, pictures: [] };

const NIGHT: Rgb = [18, 18, 19];
const NIGHT_CARD: Rgb = [32, 32, 34];

/**
 * The theme as CSS variables for the root of a page: `--l-…` by day and `--d-…` by night, of which tokens.css takes one, and the radius.
 * Every pair of ink and ground has a contrast of 4.5 or more, whatever the brand's colours are.
 */
export function variables(theme: Theme): string {
  const brand = parse(theme.color);
  const accent = parse(theme.accent);
  const parts = { ...named("l", dayTints(brand, accent)), ...named("d", nightTints(brand, accent)), radius: `${theme.radius}px` };
  return Object.entries(parts).map(([name, value]) => `--${name}:${value}`).join(";");
}

/** The ground of a page, for the platform's bars around it. */
export function groundOf(theme: Theme, night: boolean): string {
  const [brand, accent] = [parse(theme.color), parse(theme.accent)];
  return hex((night ? nightTints : dayTints)(brand, accent).ground);
}

type Tints = Record<"brand" | "on-brand" | "deep" | "soft" | "text" | "accent" | "on-accent" | "gold" | "ground", Rgb>;

function dayTints(brand: Rgb, accent: Rgb): Tints {
  const ground = mix(brand, WHITE, 0.945);
  return { ...faces(brand, accent), soft: mix(brand, WHITE, 0.9), text: readable(brand, mix(brand, WHITE, 0.9)), ground };
}

function nightTints(brand: Rgb, accent: Rgb): Tints {
  const soft = mix(brand, NIGHT_CARD, 0.72);
  return { ...faces(mix(brand, NIGHT, 0.12), accent), soft, text: readable(brand, soft), ground: NIGHT };
}

function faces(brand: Rgb, accent: Rgb): Omit<Tints, "soft" | "text" | "ground"> {
  const onBrand = inkOn(brand);
  const deep = mix(brand, onBrand === WHITE ? [0, 0, 0] : WHITE, 0.22);
  return { brand, "on-brand": onBrand, deep, accent, "on-accent": inkOn(accent), gold: readable(accent, brand, 3) };
}

function named(prefix: string, tints: Tints): Record<string, string> {
  return Object.fromEntries(Object.entries(tints).map(([name, colour]) => [`${prefix}-${name}`, hex(colour)]));
}
