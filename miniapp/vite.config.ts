import { fileURLToPath } from "node:url";
import uniPlugin from "@dcloudio/vite-plugin-uni";
import { defineConfig } from "vite";

// A CommonJS package: its default export arrives within a default export.
const uni = (uniPlugin as unknown as { default?: typeof uniPlugin }).default ?? uniPlugin;
const target = process.env.UNI_PLATFORM === "mp-weixin" ? "wechat" : "web";

export default defineConfig({
  plugins: [uni()],
  resolve: { alias: { "#platform": fileURLToPath(new URL(`src/platform/${target}.ts`, import.meta.url)) } },
});
