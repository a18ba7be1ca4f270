import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { read } from "../../scripts/wechat/build.mjs";
import { declared, oldest } from "../../scripts/wechat/library.mjs";

const README = readFileSync("README.md", "utf8");
const build = read("dist/build/mp-weixin");

it("tells a shop what it has to declare and the base library that it needs", () => {
  expect(declared(build).filter((words) => !README.includes(words))).toEqual([]);
  expect(README).toContain(oldest(build));
});

it("speaks of no private part that the build does not ask for", () => {
  const rows = [...README.matchAll(/^ *\| ((?:收集你的|收集你选中的|读取你的|使用你的|访问你的)[^（|]+)/gm)].map((found) => found[1].trim());
  expect(rows).toEqual(declared(build));
});
