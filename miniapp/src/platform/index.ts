export { platform } from "#platform";
export * from "./platform";
