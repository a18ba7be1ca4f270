import { vi } from "vitest";

export type Data = Record<string, unknown>;

/** A page or component as WeChat's own runtime has it. */
export interface Instance {
  data: Data;
  setData(data: Data, done?: () => void): void;
  route?: string;
  [method: string]: unknown;
}

/** Hears what goes wrong without anybody being told, and weighs what pages and components hand the platform. */
export class Watch {
  /** The bytes of the largest piece of data that was handed over at once. */
  largest = 0;

  constructor(private readonly faults: string[]) {
    for (const level of ["warn", "error"] as const) {
      vi.spyOn(console, level).mockImplementation((...said: unknown[]) => void faults.push(said.map(String).join(" ")));
    }
    process.on("unhandledRejection", (reason) => faults.push(`unhandled: ${String(reason)}`));
  }

  /** A component's definition whose instances have their data weighed. */
  watched(options: Data): Data {
    const created = options.created as (() => void) | undefined;
    const weigh = (data: Data): void => this.weigh(data);
    return {
      ...options,
      created(this: Instance) {
        const set = this.setData;
        this.setData = (data, done) => {
          weigh(data);
          set.call(this, data, done);
        };
        created?.call(this);
      },
    };
  }

  private weigh(data: Data): void {
    const written = JSON.stringify(data);
    this.largest = Math.max(this.largest, Buffer.byteLength(written));
    if (!isPlain(data)) this.faults.push(`not plain: ${written.slice(0, 200)}`);
  }
}

/** Whether the platform can hand a value from one thread to the other: texts, numbers, lists and records of them, and functions nowhere. */
function isPlain(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(isPlain);
  if (typeof value === "object" && value !== null) {
    const proto: unknown = Object.getPrototypeOf(value);
    return (proto === Object.prototype || proto === null) && Object.values(value).every(isPlain);
  }
  return ["string", "boolean"].includes(typeof value) || value === null || Number.isFinite(value);
}
