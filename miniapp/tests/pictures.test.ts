import { expect, it, vi } from "vitest";
import { pictureAt } from "@/api/pictures";

const platform = vi.hoisted(() => ({ name: "web" }));
vi.mock("@/platform", () => ({ platform }));
vi.mock("@/config", () => ({ SERVER: "https://jifen.example.com" }));

it.each([
  ["web", "/pictures/coffee-latte.svg", "http://127.0.0.1:8080/pictures/coffee-latte.svg"],
  ["wechat", "/pictures/coffee-latte.svg", "https://jifen.example.com/pictures/coffee-latte.svg"],
  ["wechat", "https://cdn.example.com/latte.png", "https://cdn.example.com/latte.png"],
])("on %s %s is at %s", (name, address, wanted) => {
  platform.name = name;
  vi.stubGlobal("location", { origin: "http://127.0.0.1:8080" });
  expect(pictureAt(address)).toBe(wanted);
});
