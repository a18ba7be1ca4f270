// `node scripts/wechat.mjs [FOLDER]`: looks at the WeChat build in dist/build/mp-weixin (or FOLDER) as WeChat will, and says what it would refuse.
import { packages, pagesOf, read } from "./wechat/build.mjs";
import { areHere, compilers } from "./wechat/compilers.mjs";
import { files, icons, outside, size } from "./wechat/files.mjs";
import { declared, library, oldest } from "./wechat/library.mjs";
import { settings, styles, tags } from "./wechat/markup.mjs";

const folder = process.argv[2] ?? "dist/build/mp-weixin";
const build = read(folder);
const faults = [files, icons, outside, size, tags, styles, settings, library].flatMap((check) => check(build)).concat(compilers(folder));

for (const [root, bytes] of packages(build)) {
  process.stdout.write(`${root ? `分包 ${root}` : "微信小程序主包"} ${Math.round(bytes / 1000)} kB\n`);
}
process.stdout.write(`${pagesOf(build).length} 页，基础库 ${oldest(build)} 起；隐私保护指引要声明：${declared(build).join("、") || "无"}\n`);
if (!areHere()) process.stdout.write("这台电脑上没有微信的编译器，没有用它检查\n");
for (const fault of faults) process.stderr.write(`${fault}\n`);
process.exitCode = faults.length ? 1 : 0;
