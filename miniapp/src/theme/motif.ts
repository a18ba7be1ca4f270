/** A pattern without end: the side of its tile in pixels, and the lines in one tile. */
interface Motif {
  side: number;
  path: string;
}

const SQUARES: Motif = { side: 28, path: "M0 .5h28M.5 0v28" };
const STRIPES: Motif = { side: 22, path: "M-2 24 24-2M-2 2 2-2M20 24l4-4" };
const WAVES: Motif = {
  side: 48,
  path: "M0 24a24 24 0 0 1 48 0M8 24a16 16 0 0 1 32 0M16 24a8 8 0 0 1 16 0M-24 48a24 24 0 0 1 48 0M-16 48a16 16 0 0 1 32 0M-8 48a8 8 0 0 1 16 0M24 48a24 24 0 0 1 48 0M32 48a16 16 0 0 1 32 0M40 48a8 8 0 0 1 16 0",
};
const PETALS: Motif = { side: 56, path: "M0 28Q28 28 28 0Q28 28 56 28Q28 28 28 56Q28 28 0 28M0 0Q28 0 28 28Q0 28 0 0M56 56Q28 56 28 28Q56 28 56 56M56 0Q56 28 28 28Q28 0 56 0M0 56Q0 28 28 28Q28 56 0 56" };

/** The pattern that goes with the corners of a brand: straight lines with sharp ones, round shapes with round ones. */
function motifOf(radius: number): Motif {
  if (radius <= 8) return SQUARES;
  if (radius <= 12) return STRIPES;
  return radius <= 20 ? WAVES : PETALS;
}

/** The brand's pattern as a CSS mask: it is drawn in the text's colour, as icons are. */
export function patternOf(radius: number): string {
  const { side, path } = motifOf(radius);
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${side}" height="${side}" viewBox="0 0 ${side} ${side}" fill="none" stroke="#000" stroke-width="1.2"><path d="${path}"/></svg>`;
  const mask = `url("data:image/svg+xml,${encodeURIComponent(svg)}")`;
  return `background:currentColor;-webkit-mask:${mask};mask:${mask}`;
}
