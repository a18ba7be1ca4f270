import { platform } from "@/platform";
import { SERVER } from "@/config";

/**
 * Where a picture of the rule set is. One that begins with a slash comes with the program, so it is on our own server; the framework
 * would look for such a path beside the page.
 */
export function pictureAt(address: string): string {
  if (!address.startsWith("/")) return address;
  return (platform.name === "web" ? location.origin : SERVER) + address;
}
