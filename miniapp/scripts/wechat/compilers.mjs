// WeChat's own compilers of markup and styles, as its simulator for tests (miniprogram-simulate) carries them.
import { spawnSync } from "node:child_process";
import { chmodSync, readdirSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const FOLDERS = { "linux-x64": "linux", "darwin-x64": "mac", "darwin-arm64": "mac", "win32-x64": "windows" };

/** The path of a compiler, `wcc` or `wcsc`; "" where there is none for this machine. */
function compiler(name) {
  const folder = FOLDERS[`${process.platform}-${process.arch}`];
  if (!folder) return "";
  const package_ = dirname(createRequire(import.meta.url).resolve("miniprogram-compiler/package.json"));
  const path = join(package_, "bin", folder, folder === "windows" ? `${name}.exe` : name);
  if (!(statSync(path).mode & 0o100) && folder !== "windows") chmodSync(path, 0o755); // the package leaves the mark out
  return path;
}

function compile(name, options, folder, ending) {
  const path = compiler(name);
  const sheets = readdirSync(folder, { recursive: true }).filter((one) => one.endsWith(ending)).map((one) => `./${one.split("\\").join("/")}`);
  if (!path || !sheets.length) return [];
  const done = spawnSync(path, [...options, ...sheets], { cwd: folder, encoding: "utf8", maxBuffer: 1 << 26 });
  if (done.error) return [`微信的编译器 ${name} 没有运行起来：${done.error.message}`];
  return done.status === 0 ? [] : [`微信的编译器不接受：${(done.stderr || done.stdout).trim().split("\n")[0]}`];
}

/** Whether WeChat's compilers run on this machine. */
export function areHere() {
  return compiler("wcc") !== "";
}

/** What WeChat's compilers refuse of the build in `folder`; nothing where they do not run on this machine. */
export function compilers(folder) {
  return [...compile("wcc", ["-d"], folder, ".wxml"), ...compile("wcsc", ["-lc"], folder, ".wxss")];
}
