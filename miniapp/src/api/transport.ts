import { platform } from "@/platform";
import type { Received, Sent } from "./client";
import { Failure, Unreachable } from "./failures";

const BASE = `${platform.server}/api/v1`;

/** Send one request by the platform's `request`. Throws Unreachable when no answer came. */
export function send(request: Sent): Promise<Received> {
  if (platform.name === "wechat" && !platform.server) return Promise.reject(new Failure("还没有设置服务器地址（src/config.ts）"));
  return new Promise((resolve, reject) => {
    uni.request({
      url: BASE + request.path,
      method: request.method,
      ...(request.body ? { data: request.body } : {}),
      header: { "Content-Type": "application/json", ...request.headers },
      timeout: request.timeoutMs,
      ...(request.binary ? { responseType: "arraybuffer" } : {}),
      success: (answer) => resolve({ status: answer.statusCode, headers: lowered(answer.header), body: answer.data }),
      fail: (fault: { errMsg?: string }) => reject(new Unreachable(/time.?out/i.test(fault.errMsg ?? ""))),
    });
  });
}

function lowered(headers: Record<string, string> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
