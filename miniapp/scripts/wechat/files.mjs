// Whether the build holds every file that something in it names, and none besides; each check gives Chinese sentences, none if all is well.
import { componentsOf, fields, pagesOf, packages, resolved, text } from "./build.mjs";

const MOST_MAIN = 1_500_000;
const MOST_ICON = 40_000;
const ICON_SIDE = 81;
const NAMES = /\s(?:src|icon-path|selected-icon-path)="(\/?[^"{:]+)"/g;
const STYLES = /@import\s+["']([^"']+)["']|url\(["']?(?!data:|https?:)([^"')]+)["']?\)/g;
const SCRIPTS = /\brequire\(["'](\.[^"']+)["']\)/g;
/** An address of others: neither the name space of drawings nor the help that the framework's messages point to. */
const OUTSIDE = /https?:\/\/(?!www\.w3\.org\/|uniapp\.dcloud\.net\.cn\/tutorial\/run\/|vuejs\.org\/error-reference\/)[\w.-]+/g;
/** The file with the shop's own server. */
const SETTINGS = "config.js";
/** What the bundler leaves of a file that only hands on what others have. */
const LEFT = "platform/index.js";

/** What the file at `path` names. */
function named(build, path) {
  const words = (pattern) => [...text(build, path).matchAll(pattern)].map((found) => resolved(path, found.slice(1).find(Boolean)));
  if (path.endsWith(".wxml")) return words(NAMES);
  if (path.endsWith(".wxss")) return words(STYLES);
  if (path.endsWith(".js")) return words(SCRIPTS);
  return [];
}

function pictures(build) {
  const app = fields(build, "app.json");
  const theme = app.themeLocation ? fields(build, app.themeLocation) : {};
  const themed = [theme.light ?? {}, theme.dark ?? {}];
  const paths = (app.tabBar?.list ?? []).flatMap((tab) => [tab.iconPath, tab.selectedIconPath]);
  return paths.flatMap((path) => (path.startsWith("@") ? themed.map((one) => one[path.slice(1)] ?? path) : [path]));
}

/** The files of a page or component: WeChat needs all but the styles. */
function parts(path) {
  return ["js", "json", "wxml"].map((kind) => `${path}.${kind}`);
}

function firsts(build) {
  const app = fields(build, "app.json");
  const settings = [app.themeLocation, app.sitemapLocation].filter(Boolean);
  return ["app.js", "app.json", "project.config.json", ...settings, ...pictures(build)];
}

/** Every file that the build names, with the file that names it. */
function reached(build) {
  const known = new Map();
  const add = (path, by) => known.has(path) || known.set(path, by);
  firsts(build).forEach((path) => add(path, "app.json"));
  if (build.has("app.wxss")) add("app.wxss", "app.json");
  pagesOf(build).forEach((page) => parts(page).forEach((path) => add(path, "app.json")));
  for (const [path] of known) {
    named(build, path).forEach((one) => add(one, path));
    if (!path.endsWith(".json") || !build.has(path)) continue;
    const self = path.slice(0, -".json".length);
    if (build.has(`${self}.wxss`)) add(`${self}.wxss`, path);
    componentsOf(build, self).forEach((one) => parts(one.path).forEach((part) => add(part, path)));
  }
  return known;
}

/** Files that are named and missing, and files that nothing names. */
export function files(build) {
  const known = reached(build);
  const missing = [...known].filter(([path]) => !build.has(path)).map(([path, by]) => `缺文件 ${path}，${by} 里写着它`);
  const needless = [...build.keys()].filter((path) => !known.has(path) && path !== LEFT).map((path) => `多余的文件 ${path}，没有谁用它`);
  return [...missing, ...needless];
}

/** Tab icons within WeChat's measure. */
export function icons(build) {
  const found = [...new Set(pictures(build))].filter((path) => build.has(path));
  return found.flatMap((path) => {
    const bytes = build.get(path);
    const [width, height] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
    const wrong = width !== ICON_SIDE || height !== ICON_SIDE ? [`图标 ${path} 是 ${width}×${height}，应当是 ${ICON_SIDE}×${ICON_SIDE}`] : [];
    return bytes.length > MOST_ICON ? [...wrong, `图标 ${path} 有 ${bytes.length} 字节，最多 ${MOST_ICON}`] : wrong;
  });
}

/** Addresses of others. The server's own is in one file. */
export function outside(build) {
  const texts = [...build.keys()].filter((path) => /\.(js|json|wxml|wxss)$/.test(path) && path !== SETTINGS);
  return texts.flatMap((path) => [...text(build, path).matchAll(OUTSIDE)].map((found) => `${path} 里有别人的地址 ${found[0]}`));
}

/** The main package within our measure. */
export function size(build) {
  const main = packages(build).get("");
  return main > MOST_MAIN ? [`主包有 ${Math.round(main / 1000)} kB，最多 ${MOST_MAIN / 1000} kB`] : [];
}
