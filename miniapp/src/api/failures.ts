/** Why a call failed. `message` is a Chinese sentence for the page. */
export class Failure extends Error {}

/** No answer came, or not in time: whether the server did what was asked is not known. */
export class Unreachable extends Failure {
  constructor(readonly timedOut = false) {
    super(timedOut ? "网络有点慢，请稍后再试" : "网络不通，请检查网络后再试");
  }
}

/** The platform gave no log-in code, or the server did not take it. */
export class LoginFailed extends Failure {
  constructor(message = "登录没有成功，请再试一次") {
    super(message);
  }
}

/** An RFC 9457 answer: `code` is stable, and further fields are facts. */
export interface Problem {
  code: string;
  title: string;
  detail?: string;
  request_id?: string;
  [fact: string]: unknown;
}

/** The server refused, by an answer of 4xx or 5xx. */
export class Refused extends Failure {
  readonly code: string;

  constructor(
    readonly status: number,
    readonly problem: Partial<Problem>,
    readonly retryAfterS = 0,
  ) {
    super(sentence(status, problem));
    this.code = problem.code ?? "";
  }

  /** Whether the same request may succeed a moment later: the server was busy, restarting, or limits how fast one asks. */
  get isTransient(): boolean {
    return [429, 502, 503, 504].includes(this.status);
  }

  /** Whether the server has decided: a repeat with the same key would get this answer again. */
  get isFinal(): boolean {
    return this.status < 500 && this.status !== 429;
  }
}

function sentence(status: number, problem: Partial<Problem>): string {
  const { title, detail } = problem;
  if (status >= 500) return status === 503 && detail ? detail : "服务开小差了，请稍后再试";
  if (status === 429) return "操作太频繁，请稍后再试";
  if (!title) return status === 404 ? "没有找到这一项" : "没有成功，请再试一次";
  return detail ? `${title}：${detail}` : title;
}

/** The sentence for any error: those of other kinds are faults of this program and are not shown word by word. */
export function wordsOf(error: unknown): string {
  return error instanceof Failure ? error.message : "出了点问题，请退出后再进来";
}
