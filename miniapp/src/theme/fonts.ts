/** How much larger than usual the member wants letters, 1 to 2: twice is what people must be able to read without losing a text (WCAG 1.4.4). */
export function fontScale(): number {
  return Math.min(2, Math.max(1, asked() / 16));
}

function asked(): number {
  // #ifdef H5
  const probe = document.createElement("div");
  probe.style.cssText = "position:absolute;visibility:hidden;font-size:medium";
  document.body.append(probe);
  const size = Number.parseFloat(getComputedStyle(probe).fontSize);
  probe.remove();
  return size || 16;
  // #endif
  // #ifndef H5
  return Number((uni.getSystemInfoSync() as { fontSizeSetting?: number }).fontSizeSetting) || 16;
  // #endif
}
