import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { Watch, type Data, type Instance } from "./watch";
import { SERVER, Weixin } from "./weixin";

const BUILT = join(__dirname, "../../dist/build/mp-weixin");
const require = createRequire(import.meta.url);

interface Rendered {
  instance: Instance;
  attach(parent: Element): void;
  detach(): void;
}

/** A node that WeChat's runtime keeps beside each element. */
interface Node {
  dataset?: Data;
}

interface Simulator {
  load(path: string, tag: string, options: { rootPath: string }): string;
  render(id: string): Rendered;
}

interface Exparser {
  Event: {
    create(name: string, detail: object, options: object): object;
    dispatchEvent(node: Node, event: object): void;
  };
}

/** A page on the screen. */
export interface Page {
  instance: Instance;
  /** What stands on it, without blanks. */
  text(): string;
  /** The elements with this `data-testid`. */
  all(id: string): Element[];
  /** The one element with it. Throws where there is none. */
  find(id: string): Element;
  /** Tap it, and wait until nothing more happens. */
  tap(id: string): Promise<void>;
  /** Let the platform tell an event of an element, such as `input`. */
  tell(element: Element, event: string, detail: object): Promise<void>;
  close(): void;
}

/** The WeChat build running in WeChat's simulator: its own compiler of markup and its own runtime of components, with a made-up `wx`. */
export class Phone {
  readonly weixin = new Weixin();
  readonly faults = this.weixin.faults;
  readonly watch = new Watch(this.faults);
  /** The tags of all that has been on the screen. */
  readonly drawn = new Set<string>();
  readonly pages: string[];
  private readonly folder: string;
  private readonly simulator: Simulator;
  private readonly exparser: Exparser;
  private readonly shown: Instance[] = [];
  private app: Data = {};

  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), "jifen-wechat-"));
    cpSync(BUILT, this.folder, { recursive: true });
    writeFileSync(join(this.folder, "config.js"), `exports.SERVER = ${JSON.stringify(SERVER)};`);
    this.pages = (JSON.parse(readFileSync(join(this.folder, "app.json"), "utf8")) as { pages: string[] }).pages;
    afterAll(() => rmSync(this.folder, { recursive: true, force: true }));
    this.simulator = require("miniprogram-simulate") as Simulator;
    this.exparser = require("miniprogram-exparser") as Exparser;
    this.furnish();
  }

  /** Start the mini-program, as WeChat does before the first page. */
  start(): void {
    require(join(this.folder, "app.js"));
    const options = { path: "pages/index/index", query: {}, scene: 1001 };
    for (const hook of ["onLaunch", "onShow"]) (this.app[hook] as ((given: object) => void) | undefined)?.(options);
  }

  /** Open a page with what stands behind `?` in its address, and wait until it has all that it asked for. */
  async open(path: string, query: Record<string, string> = {}): Promise<Page> {
    const rendered = this.render(path);
    const { instance } = rendered;
    instance.route = path;
    this.shown.push(instance);
    const screen = document.body.appendChild(document.createElement("div"));
    rendered.attach(screen);
    this.see();
    call(instance, "onLoad", query);
    call(instance, "onShow");
    call(instance, "onReady");
    await this.rest();
    return this.page(rendered, screen);
  }

  private render(path: string): Rendered {
    return this.simulator.render(this.simulator.load(join(this.folder, path), "jf-page-itself", { rootPath: this.folder }));
  }

  /** The tags of all components that the build's files name. */
  components(): string[] {
    const settings = readdirSync(this.folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".json"));
    const used = settings.map((name) => JSON.parse(readFileSync(join(this.folder, name), "utf8")) as { usingComponents?: object });
    return [...new Set(used.flatMap((one) => Object.keys(one.usingComponents ?? {})))].sort();
  }

  /** Wait until no answer is on its way and nothing is left to be drawn. */
  async rest(): Promise<void> {
    for (let before = -1; before !== this.weixin.asked.length; ) {
      before = this.weixin.asked.length;
      for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setTimeout(resolve));
    }
    this.see();
  }

  private see(): void {
    for (const one of document.body.querySelectorAll("*")) this.drawn.add(one.tagName.toLowerCase());
  }

  private page(rendered: Rendered, screen: Element): Page {
    const { instance } = rendered;
    const all = (id: string): Element[] => [...screen.querySelectorAll("*")].filter((one) => nodeOf(one)?.dataset?.testid === id);
    const find = (id: string): Element => {
      const [found] = all(id);
      if (!found) throw new Error(`nothing is called ${id}`);
      return found;
    };
    return {
      instance,
      all,
      find,
      tell: (element, event, detail) => this.tell(element, event, detail),
      text: () => (screen.textContent ?? "").replace(/\s+/g, ""),
      tap: (id) => this.tell(deepest(find(id)), "tap", {}),
      close: () => {
        call(instance, "onUnload");
        rendered.detach();
        screen.remove();
        this.shown.splice(this.shown.indexOf(instance), 1);
      },
    };
  }

  private async tell(element: Element, event: string, detail: object): Promise<void> {
    const bubbles = event === "tap";
    const options = { bubbles, capturePhase: bubbles, composed: bubbles };
    this.exparser.Event.dispatchEvent(nodeOf(element) as Node, this.exparser.Event.create(event, detail, options));
    await this.rest();
  }

  /** The globals of a mini-program. */
  private furnish(): void {
    const world = globalThis as Data;
    const register = world.Component as (options: Data) => void;
    Object.assign(world, {
      wx: this.weixin.wx,
      App: (options: Data) => (this.app = options),
      Page: register,
      Component: (options: Data) => register(this.watch.watched(options)),
      getApp: () => this.app,
      getCurrentPages: () => this.shown,
    });
  }
}

function call(instance: Instance, hook: string, given?: object): void {
  (instance[hook] as ((given?: object) => void) | undefined)?.call(instance, given);
}

function nodeOf(element: Element): Node | undefined {
  return (element as { __wxElement?: Node }).__wxElement;
}

function deepest(element: Element): Element {
  return element.firstElementChild ? deepest(element.firstElementChild) : element;
}
