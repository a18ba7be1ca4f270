// `node scripts/build.mjs web [FOLDER]` builds the web page into the folder that the server serves (or FOLDER, within miniapp/);
// `node scripts/build.mjs wechat` builds the mini-program into dist/build/mp-weixin, and looks at it as WeChat will.
import { spawnSync } from "node:child_process";
import { cpSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The framework's styles name shadows on a server of its maker; the page loads nothing from others. */
function withoutOthersPictures(path) {
  if (!path.endsWith(".css")) return;
  writeFileSync(path, readFileSync(path, "utf8").replace(/url\(https:[^)]*\)/g, "none"));
}

const [target, folder = "../miniapp_api/page/files"] = process.argv.slice(2);
const words = target === "wechat" ? ["build", "-p", "mp-weixin"] : ["build"];
const surroundings = { ...process.env, CI: "1", NODE_ENV: "production" };
const built = spawnSync("node_modules/.bin/uni", words, { encoding: "utf8", env: surroundings });
const said = built.stdout + built.stderr;
if (built.status !== 0 || /error during build|\[plugin:/i.test(said)) {
  process.stderr.write(said);
  process.exit(1);
}
if (target === "web") {
  rmSync(folder, { recursive: true, force: true });
  cpSync("dist/build/h5", folder, { recursive: true });
  for (const name of readdirSync(join(folder, "assets"))) withoutOthersPictures(join(folder, "assets", name));
}
if (target === "wechat") process.exitCode = spawnSync(process.execPath, ["scripts/wechat.mjs"], { stdio: "inherit" }).status ?? 1;
