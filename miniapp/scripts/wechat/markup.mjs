// Whether the build's markup, styles and settings have only words that WeChat knows; each check gives Chinese sentences.
import { componentsOf, fields, pagesOf, text } from "./build.mjs";

const TAGS = new Set(
  (
    "block template slot include import wxs page-meta navigation-bar " +
    "cover-image cover-view match-media movable-area movable-view page-container root-portal scroll-view share-element swiper swiper-item view " +
    "icon progress rich-text text button checkbox checkbox-group editor form input keyboard-accessory label picker picker-view " +
    "picker-view-column radio radio-group slider switch textarea functional-page-navigator navigator audio camera channel-live channel-video " +
    "image live-player live-pusher video voip-room map canvas web-view ad ad-custom official-account open-data"
  ).split(" "),
);
const APP = new Set(
  (
    "pages window tabBar usingComponents darkmode themeLocation lazyCodeLoading __usePrivacyCheck__ permission requiredPrivateInfos " +
    "sitemapLocation subPackages subpackages preloadRule networkTimeout style resizable entryPagePath"
  ).split(" "),
);
const PAGE = new Set(
  (
    "component usingComponents styleIsolation navigationBarTitleText navigationBarBackgroundColor navigationBarTextStyle navigationStyle " +
    "backgroundColor backgroundTextStyle backgroundColorTop backgroundColorBottom enablePullDownRefresh onReachBottomDistance disableScroll"
  ).split(" "),
);
const OPEN = /<([a-zA-Z][\w-]*)/g;
const RULE = /([^{}]+)\{/g;

/** Tags that neither WeChat nor the file's own list of components knows. */
export function tags(build) {
  const sheets = [...build.keys()].filter((path) => path.endsWith(".wxml"));
  return sheets.flatMap((path) => {
    const own = componentsOf(build, path.slice(0, -".wxml".length)).map((one) => one.tag);
    const used = new Set([...text(build, path).matchAll(OPEN)].map((found) => found[1]));
    return [...used].filter((tag) => !TAGS.has(tag) && !own.includes(tag)).map((tag) => `${path} 里有微信不认识的标签 <${tag}>`);
  });
}

/** The selectors of a sheet, those between two moments of a movement apart. */
function selectors(styles) {
  const plain = styles.replace(/\/\*.*?\*\//gs, "").replace(/@keyframes[^{]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}/g, "");
  const found = [...plain.matchAll(RULE)].map((one) => one[1].trim().replace(/^.*;/s, ""));
  return found.filter((one) => !one.startsWith("@")).flatMap((one) => one.split(","));
}

/** What is left of a selector without its classes and states: names of tags, `#`, `[` or `*`. */
function rest(selector) {
  return selector.replace(/::?[\w-]+(\([^)]*\))?/g, "").replace(/\.[\w-]+/g, "").replace(/[\s>+~]/g, "");
}

/** Selectors that WeChat refuses: the star everywhere, and in components all but classes. */
export function styles(build) {
  const sheets = [...build.keys()].filter((path) => path.endsWith(".wxss"));
  return sheets.flatMap((path) => {
    const isComponent = fields(build, `${path.slice(0, -".wxss".length)}.json`).component === true;
    const refused = selectors(text(build, path)).filter((one) => (isComponent ? rest(one) !== "" : rest(one).includes("*")));
    return refused.map((one) => `${path} 里有微信不接受的选择器 ${one.trim()}`);
  });
}

/** Fields of app.json and of the pages' files that WeChat does not know, and a privacy check that is not switched on. */
export function settings(build) {
  const app = fields(build, "app.json");
  const unknown = (path, names) => Object.keys(fields(build, path)).filter((name) => !names.has(name)).map((name) => `${path} 里有微信不认识的 ${name}`);
  const parts = [...build.keys()].filter((path) => path.endsWith(".json") && build.has(`${path.slice(0, -".json".length)}.wxml`));
  const titles = pagesOf(build).filter((page) => !fields(build, `${page}.json`).navigationBarTitleText);
  return [
    ...unknown("app.json", APP),
    ...parts.flatMap((path) => unknown(path, PAGE)),
    ...titles.map((page) => `${page}.json 没有标题`),
    ...(app.__usePrivacyCheck__ === true ? [] : ["app.json 没有打开 __usePrivacyCheck__"]),
  ];
}
