// Whether the web page is below our measure.
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

const WEB = "dist/build/h5";
const MOST_WEB = 600_000;

const files = readdirSync(WEB, { recursive: true }).map((name) => statSync(join(WEB, name))).filter((found) => found.isFile());
const bytes = files.reduce((sum, found) => sum + found.size, 0);
process.stdout.write(`网页版 ${Math.round(bytes / 1000)} kB\n`);
if (bytes > MOST_WEB) process.stderr.write(`网页版太大了，最多 ${MOST_WEB / 1000} kB\n`);
process.exitCode = bytes > MOST_WEB ? 1 : 0;
