function ring(x: number, y: number, radius: number): string {
  return `M${x - radius} ${y}a${radius} ${radius} 0 1 0 ${2 * radius} 0a${radius} ${radius} 0 1 0 ${-2 * radius} 0`;
}

/** The icons as paths in a square of 24, drawn as lines of 1.7. */
export const ICONS = {
  home: "M4 11.2 12 4.5l8 6.7V19a1 1 0 0 1-1 1h-4.5v-5.5h-5V20H5a1 1 0 0 1-1-1z",
  wheel: `${ring(12, 12, 8.2)}${ring(12, 12, 1.8)}M12 3.8v6.4M12 13.8v6.4M3.8 12h6.4M13.8 12h6.4`,
  gift: "M4.5 11h15v8a1 1 0 0 1-1 1h-13a1 1 0 0 1-1-1zM3.5 7.5h17V11h-17zM12 7.5V20M12 7.5C9 7.5 7.6 6.4 8 5c.5-1.6 3-1.3 4 2.5 1-3.8 3.5-4.1 4-2.5.4 1.4-1 2.5-4 2.5z",
  person: `${ring(12, 8.3, 3.8)}M4.8 20c.6-4 3.5-6 7.2-6s6.6 2 7.2 6`,
  scan: "M4 8.5V6a2 2 0 0 1 2-2h2.5M15.5 4H18a2 2 0 0 1 2 2v2.5M20 15.5V18a2 2 0 0 1-2 2h-2.5M8.5 20H6a2 2 0 0 1-2-2v-2.5M4 12h16",
  ticket: "M4 6.5h16v4a1.6 1.6 0 0 0 0 3.2v4H4v-4a1.6 1.6 0 0 0 0-3.2zM14.5 7v10",
  list: "M8.5 6.5H20M8.5 12H20M8.5 17.5H20M4.5 6.5h.01M4.5 12h.01M4.5 17.5h.01",
  friends: `${ring(9, 8.5, 3.3)}M3 19.5c.4-3.6 2.9-5.3 6-5.3s5.6 1.7 6 5.3M17.5 8v6M14.5 11h6`,
  bell: "M6 16.5V11a6 6 0 0 1 12 0v5.5l1.5 1.5h-15zM10 20.5h4",
  book: "M12 6.5C10 5 7 4.6 4 5v13.5c3-.4 6 0 8 1.5 2-1.5 5-1.9 8-1.5V5c-3-.4-6 0-8 1.5zM12 6.5V20",
  star: "m12 4 2.4 5 5.4.7-4 3.8 1 5.4-4.8-2.7-4.8 2.7 1-5.4-4-3.8 5.4-.7z",
  rocket: `M12 3.5c3 2.4 4 5.6 4 8.5v3H8v-3c0-2.9 1-6.1 4-8.5z${ring(12, 9.8, 1.5)}M8 12.5 5.5 15v3L8 16M16 12.5l2.5 2.5v3L16 16M12 17.5v3`,
  handset: "M8 3.5h8a1 1 0 0 1 1 1v15a1 1 0 0 1-1 1H8a1 1 0 0 1-1-1v-15a1 1 0 0 1 1-1zM11 17.8h2",
  pen: "m5 19 .8-3.5L16 5.3l2.7 2.7L8.5 18.2z",
  check: "m5.5 12.5 4.2 4.2L18.5 7.5",
  trophy: "M8 4.5h8v5a4 4 0 0 1-8 0zM8 6H5c0 3 1.2 4.6 3.3 4.9M16 6h3c0 3-1.2 4.6-3.3 4.9M12 13.5V17M8.5 19.5h7M9.5 17h5",
  plug: "M9 4v4.5M15 4v4.5M6.5 8.5h11V12a5.5 5.5 0 0 1-11 0zM12 17.5V21",
  chevron: "m9 5 7 7-7 7",
  calendar: "M5 6.5h14a1 1 0 0 1 1 1V19a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V7.500a1 1 0 0 1 1-1zM4 10.500h16M8.5 4v4M15.5 4v4",
  clock: `${ring(12, 12, 8.2)}M12 7.500V12l3 2`,
  shield: "M12 3.500l7 2.500v5.500c0 4.5-3 7.3-7 9-4-1.7-7-4.5-7-9V6zM9 12l2.2 2.200L15.2 10",
  message: "M4.5 5.500h15v11h-8l-4 3.500v-3.500h-3z",
  coin: `${ring(12, 12, 8.2)}M9 9l3 3.200L15 9M12 12.200V16.500M9.5 13h5`,
} as const;

export type IconName = keyof typeof ICONS;

/** The icon as a CSS mask: it is drawn in the text's colour, also where there is no inline SVG. */
export function maskOf(name: IconName): string {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="#000" stroke-width="1.7" stroke-linecap="round" stroke-linejoin="round"><path d="${ICONS[name]}"/></svg>`;
  const mask = `url("data:image/svg+xml,${encodeURIComponent(svg)}") center / contain no-repeat`;
  return `-webkit-mask:${mask};mask:${mask}`;
}
