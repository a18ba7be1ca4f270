// A mini-program's build in memory: the files of its folder by their paths.
import { readFileSync, readdirSync, statSync } from "node:fs";
import { join, posix } from "node:path";

/** The files of `folder`: a Map from path, such as "pages/index/index.wxml", to bytes. */
export function read(folder) {
  const names = readdirSync(folder, { recursive: true }).map((name) => name.split("\\").join("/"));
  const files = names.filter((name) => statSync(join(folder, name)).isFile()).sort();
  return new Map(files.map((name) => [name, readFileSync(join(folder, name))]));
}

/** The text of a file; "" if there is none. */
export function text(build, path) {
  return build.get(path)?.toString("utf8") ?? "";
}

/** The fields of a JSON file; none if there is no such file. */
export function fields(build, path) {
  return build.has(path) ? JSON.parse(text(build, path)) : {};
}

/** The path that `named` means in the file at `path`: WeChat reads a leading slash as the root of the mini-program. */
export function resolved(path, named) {
  return named.startsWith("/") ? named.slice(1) : posix.normalize(posix.join(posix.dirname(path), named));
}

/** The pages of app.json without endings, those of its packages too. */
export function pagesOf(build) {
  const app = fields(build, "app.json");
  const packages = app.subPackages ?? app.subpackages ?? [];
  return [...app.pages, ...packages.flatMap((one) => one.pages.map((page) => posix.join(one.root, page)))];
}

/** The components that the file at `path`.json names, as tag and path. */
export function componentsOf(build, path) {
  const used = Object.entries(fields(build, `${path}.json`).usingComponents ?? {});
  return used.map(([tag, named]) => ({ tag, path: resolved(path, named) }));
}

/** The bytes of the main package and of each further package, by their roots; the main one's root is "". */
export function packages(build) {
  const app = fields(build, "app.json");
  const roots = (app.subPackages ?? app.subpackages ?? []).map((one) => `${posix.normalize(one.root)}/`);
  const sizes = new Map([["", 0], ...roots.map((root) => [root, 0])]);
  for (const [path, bytes] of build) {
    const root = roots.find((one) => path.startsWith(one)) ?? "";
    sizes.set(root, sizes.get(root) + bytes.length);
  }
  return sizes;
}
