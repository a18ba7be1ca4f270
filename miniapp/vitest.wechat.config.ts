import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { areHere } from "./scripts/wechat/compilers.mjs";

// Runs the WeChat build, after `node scripts/build.mjs wechat`; nothing on a machine for which WeChat has no compiler.
export default defineConfig({
  resolve: { alias: { "@": fileURLToPath(new URL("src", import.meta.url)) } },
  test: { include: areHere() ? ["tests/wechat/*.test.{ts,mjs}"] : [], passWithNoTests: true, environment: "jsdom", testTimeout: 60_000 },
});
