/** Keeps strings between two starts of the mini-program. */
export interface Store {
  read(name: string): string;
  write(name: string, value: string): void;
}

interface Kept {
  key: string;
  at: number;
}

const NAME = "jifen-keys";
const KEPT_MS = 10 * 60_000;

/**
 * One request key for each intention. An intention is a path with its body; it keeps its key until the server has decided, also
 * over a restart of the mini-program, so that a tap after a lost answer spends nothing twice. After ten minutes without a decision
 * the same tap is taken for a new intention.
 */
export class Keys {
  constructor(
    private readonly store: Store,
    private readonly now: () => number,
    private readonly random: () => string,
  ) {}

  /** The key of this intention, made when it is first asked for. */
  of(intention: string): string {
    const kept = this.read();
    const known = kept[intention];
    if (known) return known.key;
    const key = this.random();
    this.write({ ...kept, [intention]: { key, at: this.now() } });
    return key;
  }

  /** Forget the key: the server has decided. */
  done(intention: string): void {
    const open = Object.entries(this.read()).filter(([other]) => other !== intention);
    this.write(Object.fromEntries(open));
  }

  private read(): Record<string, Kept> {
    const kept = parse(this.store.read(NAME));
    const fresh = Object.entries(kept).filter(([, one]) => Math.abs(this.now() - one.at) < KEPT_MS);
    return Object.fromEntries(fresh);
  }

  private write(kept: Record<string, Kept>): void {
    this.store.write(NAME, JSON.stringify(kept));
  }
}

function parse(text: string): Record<string, Kept> {
  try {
    const kept: unknown = JSON.parse(text || "{}");
    return typeof kept === "object" && kept !== null ? (kept as Record<string, Kept>) : {};
  } catch {
    return {};
  }
}

/** A new request key: 32 hexadecimal digits. */
export function newKey(random: () => number = Math.random): string {
  return Array.from({ length: 32 }, () => Math.floor(random() * 16).toString(16)).join("");
}
