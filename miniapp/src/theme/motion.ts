/** Whether things may move by themselves: not where the member asked the browser for less of it. WeChat has no such setting. */
export function mayMove(): boolean {
  // #ifdef H5
  return !matchMedia("(prefers-reduced-motion: reduce)").matches;
  // #endif
  // #ifndef H5
  return true;
  // #endif
}
