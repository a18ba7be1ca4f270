"use strict";

const element = (tag, text, className) => {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
};

const shape = (schema, all, depth = 0) => {
  if (!schema || depth > 8) return "…";
  if (schema.$ref) return shape(all[schema.$ref.split("/").pop()], all, depth + 1);
  if (schema.anyOf) return schema.anyOf.map((one) => shape(one, all, depth + 1)).join(" | ");
  if (schema.enum) return schema.enum.map((one) => JSON.stringify(one)).join(" | ");
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.type === "array") return `[${shape(schema.items, all, depth + 1)}, …]`;
  if (schema.properties) {
    const indent = "  ".repeat(depth + 1);
    const lines = Object.entries(schema.properties).map(([name, inner]) => field(indent, name, inner, all, depth));
    return `{\n${lines.join("\n")}\n${"  ".repeat(depth)}}`;
  }
  return [schema.type, schema.format].filter(Boolean).join(" ") || "any";
};

const field = (indent, name, inner, all, depth) => {
  const value = shape(inner, all, depth + 1);
  if (!inner.description) return `${indent}${name}: ${value}`;
  const example = inner.examples ? `，例如 ${JSON.stringify(inner.examples[0])}` : "";
  return `${indent}// ${inner.description}${example}\n${indent}${name}: ${value}`;
};

const table = (rows) => {
  const made = element("table");
  for (const cells of rows) {
    const row = element("tr");
    for (const cell of cells) row.append(element("td", cell));
    made.append(row);
  }
  return made;
};

const section = (title, ...content) => [element("h3", title), ...content];

const operation = (method, path, about, all) => {
  const made = element("details");
  const head = element("summary");
  head.append(element("span", method.toUpperCase(), "method"), element("span", path, "path"), element("span", about.summary));
  const inside = element("div", undefined, "inside");
  if (about.description) inside.append(element("p", about.description));
  inside.append(element("p", about.security.length ? "需要登录：Authorization: Bearer <token>" : "不需要登录"));
  if (about.parameters.length) {
    inside.append(...section("参数", table(about.parameters.map((one) => [
      one.name, one.in, one.required ? "必填" : "可选", one.description || shape(one.schema, all)]))));
  }
  if (about.requestBody) {
    inside.append(...section("请求", element("pre", shape(about.requestBody.content["application/json"].schema, all))));
  }
  for (const [status, answer] of Object.entries(about.responses)) {
    const json = answer.content["application/json"];
    const shown = json ? element("pre", shape(json.schema, all)) : element("p", answer.description);
    inside.append(...section(`回答 ${status}`, shown));
  }
  made.append(head, inside);
  return made;
};

const show = (description) => {
  document.getElementById("title").append(` ${description.info.version}`);
  const main = document.getElementById("operations");
  for (const tag of description.tags) {
    main.append(element("h2", tag.description || tag.name));
    for (const [path, methods] of Object.entries(description.paths)) {
      for (const [method, about] of Object.entries(methods)) {
        if (about.tags.includes(tag.name)) main.append(operation(method, path, about, description.components.schemas));
      }
    }
  }
};

fetch("/openapi.json")
  .then((answer) => answer.json())
  .then(show)
  .catch(() => document.getElementById("operations").append(element("p", "描述没有读出来，请刷新这一页。")));
