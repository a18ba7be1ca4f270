/**
 * A mouse's wheel moves a row of choices sideways: a finger drags it, and a mouse without a second wheel could not. The page stays where
 * it is while the row moves, and scrolls on once the row is at its end.
 */
export function turnWheelSideways(page: Document): void {
  page.addEventListener(
    "wheel",
    (event) => {
      const row = event.target instanceof Element ? event.target.closest(".jf-chips") : null;
      if (!row || event.deltaX || event.ctrlKey) return;
      const before = row.scrollLeft;
      row.scrollLeft += event.deltaY;
      if (row.scrollLeft !== before) event.preventDefault();
    },
    { passive: false },
  );
}
