const TAPPED = '[role="button"], [role="tab"]';

/**
 * Enter and the space bar tap what has the focus and is no button of the browser's own: WeChat has no keyboard, so the pages know taps
 * only. It hears a key before the page does, so a tap happens once.
 */
export function tapByKeyboard(page: Document): void {
  page.addEventListener(
    "keydown",
    (event) => {
      const focused = event.target;
      if ((event.key !== "Enter" && event.key !== " ") || !(focused instanceof HTMLElement) || !focused.matches(TAPPED)) return;
      event.preventDefault();
      event.stopPropagation();
      focused.click();
    },
    true,
  );
}
