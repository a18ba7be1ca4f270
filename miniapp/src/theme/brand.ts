import { nextTick, reactive } from "vue";
import { api } from "@/api";
import { platform } from "@/platform";
import { groundOf, PLAIN, variables, type Theme } from "./theme";

const NAME = "jifen-brand";

interface Brand {
  name: string;
  programme: string;
  theme: Theme;
  /** The theme as CSS variables, for the root of a page. */
  style: string;
}

function known(): Omit<Brand, "style"> {
  const kept = uni.getStorageSync(NAME) as Omit<Brand, "style"> | "";
  return kept && kept.theme ? kept : { name: "", programme: "积分", theme: PLAIN };
}

function styled(brand: Omit<Brand, "style">): Brand {
  return { ...brand, style: variables(brand.theme) };
}

/** The brand as the server last told it; it is kept, so that the next start begins in its colours. */
export const brand = reactive<Brand>(styled(known()));

let told: Promise<void> | undefined;

/** Ask the server for the brand, once in a run of the mini-program. A failure leaves the kept one and is tried again by the next page. */
export function learnBrand(): Promise<void> {
  told ??= ask().catch(() => {
    told = undefined;
  });
  return told;
}

async function ask(): Promise<void> {
  const rules = await api.get("/rules");
  const fresh = { name: rules.brand, programme: rules.name, theme: rules.theme };
  Object.assign(brand, styled(fresh));
  paintBar();
  uni.setStorageSync(NAME, fresh);
}

/** Give the platform's bar above the page the ground of the page. */
export function paintBar(): void {
  const night = isNight();
  const ground = groundOf(brand.theme, night);
  uni.setNavigationBarColor({
    frontColor: night ? "#ffffff" : "#000000",
    backgroundColor: ground,
    fail: () => undefined, // a page that is on its way out
  });
  // #ifdef H5
  void nextTick(() => paintEdges(ground)); // when the bar of tabs has come or gone
  // The framework's tab bar gives its icons no text; the tab's own name says it all.
  for (const icon of document.querySelectorAll("uni-tabbar img")) icon.setAttribute("alt", "");
  // #endif
}

// #ifdef H5
function paintEdges(ground: string): void {
  const tabs = document.querySelector<HTMLElement>(".uni-app--showtabbar .uni-tabbar");
  platform.paint(ground, tabs ? getComputedStyle(tabs).backgroundColor : ground);
}
// #endif

function isNight(): boolean {
  // #ifdef H5
  return matchMedia("(prefers-color-scheme: dark)").matches;
  // #endif
  // #ifndef H5
  return (uni.getSystemInfoSync() as { theme?: string }).theme === "dark";
  // #endif
}
