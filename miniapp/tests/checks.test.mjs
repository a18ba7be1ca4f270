import { describe, expect, it } from "vitest";
import { packages } from "../scripts/wechat/build.mjs";
import { files, icons, outside, size } from "../scripts/wechat/files.mjs";
import { calls, declared, library, oldest } from "../scripts/wechat/library.mjs";
import { settings, styles, tags } from "../scripts/wechat/markup.mjs";

function picture(side) {
  const bytes = Buffer.alloc(32);
  bytes.writeUInt32BE(side, 16);
  bytes.writeUInt32BE(side, 20);
  return bytes;
}

const APP = { pages: ["pages/home/home"], tabBar: { list: [{ iconPath: "a.png", selectedIconPath: "@b" }] }, themeLocation: "theme.json" };
const GOOD = {
  "app.json": { ...APP, __usePrivacyCheck__: true },
  "app.js": 'require("./common/vendor.js");',
  "app.wxss": "page{color:red}[data-c]{top:0}",
  "common/vendor.js": "wx.getAccountInfoSync&&wx.getAccountInfoSync();",
  "theme.json": { light: { b: "b.png" }, dark: { b: "b.png" } },
  "project.config.json": { libVersion: "2.21.2" },
  "a.png": picture(81),
  "b.png": picture(81),
  "pages/home/home.json": { navigationBarTitleText: "首页", usingComponents: { "jf-line": "../../components/Line" } },
  "pages/home/home.js": 'const e=require("../../common/vendor.js");e.index.request({url:"/a"});',
  "pages/home/home.wxml": '<view><jf-line bindtap="{{a}}"/><image src="{{b}}"/></view>',
  "components/Line.json": { component: true, usingComponents: {} },
  "components/Line.js": 'const e=require("../common/vendor.js");wx.createComponent(e);',
  "components/Line.wxml": '<button open-type="getPhoneNumber">绑定</button>',
  "components/Line.wxss": ".jf-a,.jf-a.is-on:active{color:red}@media (prefers-color-scheme: dark){.jf-a .jf-b::after{top:0}}@keyframes up{from{top:0}50%{top:1px}}",
};

/** A build of these files besides the good ones; null takes one away. */
function build(other = {}) {
  const kept = Object.entries({ ...GOOD, ...other }).filter(([, content]) => content !== null);
  return new Map(kept.map(([path, content]) => [path, asBytes(content)]));
}

function asBytes(content) {
  if (Buffer.isBuffer(content)) return content;
  return Buffer.from(typeof content === "string" ? content : JSON.stringify(content));
}

it("finds no fault with a build that has all", () => {
  for (const check of [files, icons, outside, size, tags, styles, settings, library]) expect(check(build())).toEqual([]);
});

describe("a fault", () => {
  it.each([
    [files, { "pages/home/home.wxml": null }, "缺文件 pages/home/home.wxml，app.json 里写着它"],
    [files, { "components/Line.js": null }, "缺文件 components/Line.js，pages/home/home.json 里写着它"],
    [files, { "b.png": null }, "缺文件 b.png，app.json 里写着它"],
    [files, { "pages/home/home.js": 'require("../words.js")' }, "缺文件 pages/words.js，pages/home/home.js 里写着它"],
    [files, { "pages/home/home.wxml": '<jf-line/><image src="/static/x.png"/>' }, "缺文件 static/x.png，pages/home/home.wxml 里写着它"],
    [files, { "components/Line.wxss": '@import "./base.wxss";' }, "缺文件 components/base.wxss，components/Line.wxss 里写着它"],
    [files, { "pages/old.js": "" }, "多余的文件 pages/old.js，没有谁用它"],
    [icons, { "a.png": picture(80) }, "图标 a.png 是 80×80，应当是 81×81"],
    [icons, { "a.png": Buffer.concat([picture(81), Buffer.alloc(40_000)]) }, "图标 a.png 有 40032 字节，最多 40000"],
    [outside, { "components/Line.wxss": ".a{background:url(https://cdn.example.net/a.png)}" }, "components/Line.wxss 里有别人的地址 https://cdn.example.net"],
    [size, { "app.js": "x".repeat(1_500_001) }, "主包有 1501 kB，最多 1500 kB"],
    [tags, { "components/Line.wxml": "<div/>" }, "components/Line.wxml 里有微信不认识的标签 <div>"],
    [tags, { "components/Line.wxml": "<jf-line/>" }, "components/Line.wxml 里有微信不认识的标签 <jf-line>"],
    [styles, { "app.wxss": ".jf,.jf *{top:0}" }, "app.wxss 里有微信不接受的选择器 .jf *"],
    [styles, { "components/Line.wxss": ".jf-a[disabled]{top:0}" }, "components/Line.wxss 里有微信不接受的选择器 .jf-a[disabled]"],
    [styles, { "components/Line.wxss": "#a{top:0}" }, "components/Line.wxss 里有微信不接受的选择器 #a"],
    [styles, { "components/Line.wxss": ".jf-a>text{top:0}" }, "components/Line.wxss 里有微信不接受的选择器 .jf-a>text"],
    [settings, { "app.json": { ...APP, __usePrivacyCheck__: true, tabs: [] } }, "app.json 里有微信不认识的 tabs"],
    [settings, { "app.json": APP }, "app.json 没有打开 __usePrivacyCheck__"],
    [settings, { "components/Line.json": { component: true, title: "线" } }, "components/Line.json 里有微信不认识的 title"],
    [settings, { "pages/home/home.json": { usingComponents: {} } }, "pages/home/home.json 没有标题"],
    [library, { "project.config.json": { libVersion: "" } }, "manifest.json 的 libVersion 是 空的，应当是 2.21.2"],
    [library, { "app.js": "e.index.getLocation({})" }, "app.json 的 requiredPrivateInfos 里没有 getLocation"],
    [library, { "app.js": "e.index.shakeHands({})" }, "wx.shakeHands 不在 scripts/wechat/library.mjs 的表里，请写上它的最低基础库版本"],
  ])("is found by %o", (check, other, sentence) => {
    expect(check(build(other))).toContain(sentence);
  });
});

it("knows what the code asks of WeChat", () => {
  const asking = build({ "app.js": "e.index.setClipboardData({});e.wx$1.onNeedPrivacyAuthorization&&1", "pages/home/home.js": 'a?"nickname":"text"' });
  expect(calls(asking)).toEqual(["onNeedPrivacyAuthorization", "setClipboardData"]);
  expect(oldest(asking)).toBe("2.32.3");
  expect(declared(asking)).toEqual(["收集你的昵称、头像", "收集你的手机号", "读取你的剪切板"]);
});

it("weighs each package", () => {
  const parted = build({ "app.json": { ...APP, subPackages: [{ root: "more", pages: ["a"] }] }, "more/a.js": "12345" });
  expect(packages(parted).get("more/")).toBe(5);
});
