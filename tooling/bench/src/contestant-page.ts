import { fileURLToPath } from "node:url";
import { launch } from "@thalweg/browser/chromium";
import { buildPage, type Site, serve } from "@thalweg/browser/serve";
import type { Browser, Page as Tab } from "playwright-core";
import type { Page } from "../page/main";
import type { Input, Problem } from "./contestant";
import type { Commands, Remote } from "./remote";
import { roster, type ScriptId, versionOf } from "./roster";

declare const page: Page;

/** Serves the page that contestants run in. */
export class Theatre {
  private constructor(private readonly site: Site) {}

  static async open(): Promise<Theatre> {
    const root = fileURLToPath(new URL("../page", import.meta.url));
    await buildPage(root);
    return new Theatre(await serve(root, {}));
  }

  /** Opens the page for a contestant, in a separate browser; throws the page's errors. */
  async start(id: ScriptId): Promise<ContestantPage> {
    const browser = await launch();
    const tab = await browser.newPage();
    const failure = tab.waitForEvent("pageerror", { timeout: 0 }).then((error) => Promise.reject(error));
    failure.catch(() => {});
    await tab.goto(`${this.site.url}#${id}`);
    await Promise.race([tab.waitForFunction("globalThis.page"), failure]);
    return new ContestantPage(id, browser, tab);
  }

  close(): Promise<void> {
    return this.site.close();
  }
}

/** A contestant in a separate browser: they share no GPU process, which one of them might crash. */
class ContestantPage implements Remote {
  readonly name: string;
  readonly version: string;

  constructor(
    readonly id: ScriptId,
    private readonly browser: Browser,
    private readonly tab: Tab,
  ) {
    this.name = roster[id].name;
    this.version = `${versionOf(id)} in Chromium ${browser.version()}`;
  }

  prepare(problem: Problem, inputs: readonly Input[]): Promise<boolean> {
    const encoded = inputs.map(({ shape, values }) => ({
      shape,
      bytes: Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString("base64"),
    }));
    return this.tab.evaluate(([problem, inputs]) => page.prepare(problem, inputs), [
      problem,
      encoded,
    ] as const);
  }

  run(count: number): Promise<number> {
    return this.tab.evaluate((count) => page.run(count), count);
  }

  async result(): Promise<Float32Array> {
    const bytes = Buffer.from(await this.tab.evaluate(() => page.result()), "base64");
    return new Float32Array(Uint8Array.from(bytes).buffer);
  }

  commands(): Promise<Commands> {
    return this.tab.evaluate(() => page.commands());
  }

  stop(): void {
    void this.browser.close();
  }
}
