// Looks at both builds: every page of app.json has its files, the main package is below WeChat's measure, the web page below ours.
import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

const WECHAT = "dist/build/mp-weixin";
const WEB = "dist/build/h5";
const MOST_WECHAT = 1_500_000;
const MOST_WEB = 600_000;

function bytesOf(folder) {
  return readdirSync(folder, { recursive: true })
    .map((name) => statSync(join(folder, name)))
    .filter((found) => found.isFile())
    .reduce((sum, found) => sum + found.size, 0);
}

const app = JSON.parse(readFileSync(join(WECHAT, "app.json"), "utf8"));
const tabs = app.tabBar.list.flatMap((tab) => [tab.iconPath, tab.selectedIconPath]).filter((path) => !path.startsWith("@"));
const theme = JSON.parse(readFileSync(join(WECHAT, "theme.json"), "utf8"));
const themed = [theme.light, theme.dark].flatMap(Object.values).filter((value) => value.endsWith(".png"));
const wanted = [
  ...app.pages.flatMap((page) => ["js", "json", "wxml"].map((kind) => `${page}.${kind}`)),
  ...tabs,
  ...themed,
];
const missing = wanted.filter((path) => !existsSync(join(WECHAT, path)));
const [wechat, web] = [bytesOf(WECHAT), bytesOf(WEB)];

process.stdout.write(`小程序主包 ${Math.round(wechat / 1000)} kB，${app.pages.length} 页；网页版 ${Math.round(web / 1000)} kB\n`);
if (missing.length) process.stderr.write(`缺文件：${missing.join("、")}\n`);
if (wechat > MOST_WECHAT || web > MOST_WEB) process.stderr.write("太大了\n");
process.exitCode = missing.length || wechat > MOST_WECHAT || web > MOST_WEB ? 1 : 0;
