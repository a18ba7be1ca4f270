// What the code asks of WeChat: each call by its name, with the base library that first had it and what the member is asked for.
import { fields, text } from "./build.mjs";

/** The base library that first had a call; "1.0.0" for those that were always there. From WeChat's own types (miniprogram-api-typings). */
const SINCE = {
  createIntersectionObserver: "1.9.3",
  env: "1.9.9",
  getFileSystemManager: "1.9.9",
  getSetting: "1.2.0",
  getStorageSync: "1.0.0",
  getSystemInfoSync: "1.0.0",
  arrayBufferToBase64: "1.1.0",
  login: "1.0.0",
  navigateTo: "1.0.0",
  offNetworkStatusChange: "2.9.3",
  onNetworkStatusChange: "1.1.0",
  onThemeChange: "2.11.0",
  onNeedPrivacyAuthorization: "2.32.3",
  openPrivacyContract: "2.32.3",
  openSetting: "1.1.0",
  pageScrollTo: "1.4.0",
  request: "1.0.0",
  requestPayment: "1.0.0",
  requestSubscribeMessage: "2.4.4",
  scanCode: "1.0.0",
  setClipboardData: "1.1.0",
  setNavigationBarColor: "1.4.0",
  setNavigationBarTitle: "1.0.0",
  setStorageSync: "1.0.0",
  shareFileMessage: "2.16.1",
  showToast: "1.0.0",
  stopPullDownRefresh: "1.5.0",
  switchTab: "1.0.0",
};
/** The type of an input, in markup or chosen by a script. */
const NICKNAME = /type="nickname"|\?"nickname":/;
/** What the markup needs, by the base library that first had it. */
const MARKS = [
  { mark: /open-type="getPhoneNumber"/, since: "2.21.2" },
  { mark: NICKNAME, since: "2.21.2" },
  { mark: /open-type="agreePrivacyAuthorization"/, since: "2.32.3" },
  { mark: /show-menu-by-longpress/, since: "2.7.0" },
];
/** What the privacy guideline declares, in WeChat's words, and the calls and marks that need it. */
const PRIVATE = [
  { words: "收集你的昵称、头像", call: /^getUser(Profile|Info)$/, mark: NICKNAME },
  { words: "收集你的手机号", mark: /open-type="get(Realtime)?PhoneNumber"/ },
  { words: "读取你的剪切板", call: /^[gs]etClipboardData$/ },
  { words: "收集你选中的照片或视频信息", call: /^choose(Image|Media|Video)$/ },
  { words: "使用你的相册（仅写入）权限", call: /^save(Image|Video)ToPhotosAlbum$/ },
  { words: "收集你的位置信息", call: /^(getLocation|getFuzzyLocation|startLocationUpdate\w*)$/ },
  { words: "收集你选择的位置信息", call: /^choose(Poi|Location)$/ },
];
/** Calls that app.json must name in `requiredPrivateInfos`. */
const PLACES = /^(getLocation|getFuzzyLocation|startLocationUpdate\w*|chooseLocation|choosePoi|chooseAddress)$/;
const OURS = /\b\w+\.(?:index|wx\$1)\.([a-zA-Z]\w*)/g;
const FRAMEWORK = "common/vendor.js";

/** The calls of our own code, by their names; those of the framework ask first whether they are there. */
export function calls(build) {
  const scripts = [...build.keys()].filter((path) => path.endsWith(".js") && path !== FRAMEWORK);
  return [...new Set(scripts.flatMap((path) => [...text(build, path).matchAll(OURS)].map((found) => found[1])))].sort();
}

/** Markup, and the scripts that choose what stands in it. */
function markup(build) {
  return [...build.keys()].filter((path) => path.endsWith(".wxml") || (path.endsWith(".js") && path !== FRAMEWORK)).map((path) => text(build, path)).join("\n");
}

function later(one, other) {
  const [a, b] = [one, other].map((version) => version.split(".").map(Number));
  const at = a.findIndex((part, place) => part !== b[place]);
  return at >= 0 && a[at] > b[at] ? one : other;
}

/** The oldest base library that has all that the build needs. */
export function oldest(build) {
  const marks = MARKS.filter((one) => one.mark.test(markup(build))).map((one) => one.since);
  return [...calls(build).map((name) => SINCE[name] ?? "1.0.0"), ...marks].reduce(later, "1.0.0");
}

/** What the shop declares in its privacy guideline (用户隐私保护指引). */
export function declared(build) {
  const [named, marks] = [calls(build), markup(build)];
  const needed = PRIVATE.filter((one) => (one.call && named.some((name) => one.call.test(name))) || one.mark?.test(marks));
  return needed.map((one) => one.words);
}

/** Calls that the list does not know, a base library that is not the oldest one that will do, and places that app.json does not name. */
export function library(build) {
  const unknown = calls(build).filter((name) => !Object.hasOwn(SINCE, name));
  const places = calls(build).filter((name) => PLACES.test(name) && !(fields(build, "app.json").requiredPrivateInfos ?? []).includes(name));
  const { libVersion } = fields(build, "project.config.json");
  return [
    ...unknown.map((name) => `wx.${name} 不在 scripts/wechat/library.mjs 的表里，请写上它的最低基础库版本`),
    ...places.map((name) => `app.json 的 requiredPrivateInfos 里没有 ${name}`),
    ...(libVersion === oldest(build) ? [] : [`manifest.json 的 libVersion 是 ${libVersion || "空的"}，应当是 ${oldest(build)}`]),
  ];
}
