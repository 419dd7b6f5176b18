import { fileURLToPath } from "node:url";
import { backendConformance } from "@thalweg/testing";
import type { Browser } from "playwright-core";
import type { Browser as Firefox } from "puppeteer-core";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import * as chromium from "../src/chromium";
import * as firefox from "../src/firefox";
import type { Way } from "../src/programs/arrive";
import { programs } from "../src/programs/index";
import { buildPage, type Serve, serve, serveSources } from "../src/serve";
import { visit, visitInFirefox } from "./visit";

const isolation = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

const root = fileURLToPath(new URL("../page", import.meta.url));

function policy(text: string) {
  return { "Content-Security-Policy": text };
}

/** Whether that is the part of the library that is loaded for large tensors. */
function isLazy(url: string) {
  return url.includes("/wasm-accelerator-");
}

function isWorker(url: string) {
  return url.startsWith("blob:");
}

/** Whether tests in a browser are skipped; in CI a missing browser is an error. */
function skips(installed: boolean, remedy: string): boolean {
  const skipped = !installed && !process.env.CI;
  if (skipped) console.warn(`tests in a browser are skipped: ${remedy}`);
  return skipped;
}

/** The bits of training in Node. */
async function inNode(steps: number) {
  const { losses, parameters } = await programs.train(steps, "wasm x2");
  return { losses, parameters };
}

/** Expects losses that fall and are approximately the CPU's. */
async function expectDescent(
  losses: readonly number[],
  problem: "line" | "classifier",
  optimizer: "SGD" | "Adam",
): Promise<void> {
  const expected = await programs.descend(problem, optimizer, "cpu");
  expect(losses).toHaveLength(expected.length);
  for (const [i, loss] of losses.entries()) {
    expect(Math.abs(loss - expected[i]!), `step ${i}`).toBeLessThan(1e-3 * Math.max(1, expected[i]!));
  }
  expect(losses.at(-1)).toBeLessThan(losses[0]!);
}

/** Expects the losses of compiled steps, which are approximately the CPU's. */
async function expectCompiledDescent(losses: readonly number[]): Promise<void> {
  const expected = await programs.descendCompiled("cpu");
  expect(losses).toHaveLength(expected.length);
  for (const [i, loss] of losses.entries()) expect(loss, `step ${i}`).toBeCloseTo(expected[i]!, 3);
}

beforeAll(async () => {
  vi.stubEnv("NODE_ENV", "production");
  if (chromium.installed || firefox.installed) await buildPage(root);
});

describe.skipIf(skips(chromium.installed, chromium.remedy))("in Chromium", () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await chromium.launch();
  });

  afterAll(() => browser?.close());

  /** Runs a program in a page that is served with these headers. */
  async function open<Name extends keyof typeof programs>(
    headers: Record<string, string>,
    name: Name,
    values: Parameters<(typeof programs)[Name]>,
    start: Serve = serve,
  ) {
    const site = await start(root, headers);
    onTestFinished(() => site.close());
    return visit(browser, site.url, name, ...values);
  }

  test.each([
    ["a bundle", serve],
    ["sources", serveSources],
  ])("a page of %s that is isolated computes on threads, to the bits of Node", async (_, start) => {
    const { result, isolated, requests } = await open(isolation, "train", [30, "wasm x2"], start);
    expect(isolated).toBe(true);
    expect(result).toMatchObject({ threads: 2, ...(await inNode(30)) });
    expect(result.tiers).toContain("wasm x2");
    expect(requests.filter(isWorker)).toHaveLength(1);
    expect(requests.filter(isLazy)).toHaveLength(1);
  });

  test("a page that is not isolated computes in WebAssembly on one thread, to the same bits", async () => {
    const { result, isolated, requests } = await open({}, "train", [30, "wasm"]);
    expect(isolated).toBe(false);
    expect(result).toMatchObject({ threads: 1, tiers: ["js", "wasm"], ...(await inNode(30)) });
    expect(requests.filter(isWorker)).toEqual([]);
    expect(requests.filter(isLazy)).toHaveLength(1);
  });

  test("a page visits the data in Node's order, and resumes from a checkpoint to the same bits", async () => {
    const { result } = await open({}, "resume", [14, 8]);
    expect(result.parameters).toBe(result.whole);
    expect(result).toEqual(await programs.resume(14, 8));
  });

  test("a page that may not compile anything computes the same bits", async () => {
    const headers = { ...isolation, ...policy("script-src 'self'") };
    const { result, blocked, requests } = await open(headers, "train", [12, "js"]);
    expect(blocked).toEqual(expect.arrayContaining(["eval", "wasm-eval"]));
    expect(result).toMatchObject({ threads: 1, tiers: ["js"], ...(await inNode(12)) });
    expect(requests.filter(isLazy)).toHaveLength(1);
  });

  test("a page that may not start workers computes in WebAssembly without them", async () => {
    const headers = { ...isolation, ...policy("script-src 'self' 'wasm-unsafe-eval'; worker-src 'none'") };
    const { result, blocked } = await open(headers, "train", [12, "wasm"]);
    expect(blocked).toEqual(expect.arrayContaining(["eval", "blob"]));
    expect(result).toMatchObject({ tiers: ["js", "wasm"], ...(await inNode(12)) });
  });

  test("a page of small tensors does not load WebAssembly", async () => {
    const { result, requests } = await open(isolation, "fit", [20]);
    expect(result).toEqual(programs.fit(20));
    expect(requests.filter(isLazy)).toEqual([]);
  });

  test.each([
    ["a bundle", serve],
    ["sources", serveSources],
  ])("a worker of %s gets WebAssembly and threads in a loop that gives no control back", async (_, start) => {
    const first = async (way: Way, most: number, tier: string, headers = {}) =>
      (await open(headers, "inWorker", ["arrive", way, most, tier], start)).result;
    expect(await first("nothing", 200, "wasm")).toBe(null);
    expect(await first("ready", 1, "wasm")).toBe(0);
    expect(await first("ready", 1, "wasm x2", isolation)).toBe(0);
    for (const way of ["itemAsync", "data", "toArrayAsync", "loader"] as const) {
      expect(await first(way, 1e5, "wasm x2", isolation), way).toEqual(expect.any(Number));
    }
  });

  test.each([8, 96])(
    "a compiled step of width %d has the bits of Node, in pages and in workers",
    async (width) => {
      const expected = await programs.trainCompiled(12, width);
      expect(expected).toEqual({ compiled: expected.eager, eager: expected.eager, isGenerated: true });
      expect((await open(isolation, "trainCompiled", [12, width])).result).toEqual(expected);
      expect((await open(isolation, "inWorker", ["trainCompiled", 12, width])).result).toEqual(expected);
      const { result } = await open(policy("script-src 'self'"), "trainCompiled", [12, width]);
      expect(result).toEqual({ ...expected, isGenerated: false });
    },
  );

  test("WebGPU obeys the laws of a device", async () => {
    const { result } = await open({}, "conform", [2]);
    expect(result.broken).toEqual([]);
    expect(result.laws).toBe(backendConformance("webgpu").length);
  });

  test.each([
    ["line", "SGD"],
    ["line", "Adam"],
    ["classifier", "SGD"],
    ["classifier", "Adam"],
  ] as const)("WebGPU trains the %s with %s as the CPU does", async (problem, optimizer) => {
    const { result } = await open({}, "descend", [problem, optimizer, "webgpu"]);
    await expectDescent(result, problem, optimizer);
  });

  test("WebGPU trains by compiled steps as the CPU does", async () => {
    const { result } = await open({}, "descendCompiled", ["webgpu"]);
    await expectCompiledDescent(result);
  });
});

/**
 * For programs with threads in Firefox 153. On a busy machine, one page in twenty stops there for good: its threads wait
 * in the engine for threads of the engine, all of which are idle.
 */
const repeated = { timeout: 120_000, retry: 3 };

// Other engines for JavaScript and WebAssembly, and another WGSL compiler, than those of Chromium and Node.
describe.skipIf(skips(firefox.installed, firefox.remedy))("in Firefox", () => {
  let browser: Firefox;

  beforeAll(async () => {
    browser = await firefox.launch();
  });

  afterAll(() => browser?.close());

  async function open<Name extends keyof typeof programs>(
    headers: Record<string, string>,
    name: Name,
    values: Parameters<(typeof programs)[Name]>,
  ) {
    const site = await serve(root, headers);
    onTestFinished(() => site.close());
    return visitInFirefox(browser, site.url, name, ...values);
  }

  test.each([
    ["js", { ...isolation, ...policy("script-src 'self'") }],
    ["wasm", {}],
    ["wasm x2", isolation],
  ])("training on %s gives the bits of Node", repeated, async (tier, headers) => {
    const { result } = await open(headers, "train", [12, tier]);
    expect(result).toMatchObject(await inNode(12));
    expect(result.tiers).toContain(tier);
  });

  test("a worker gets threads in a loop that gives no control back", repeated, async () => {
    const { result } = await open(isolation, "inWorker", ["arrive", "data", 1e5, "wasm x2"]);
    expect(result).toEqual(expect.any(Number));
  });

  test("a compiled step has the bits of Node, in pages and in workers", repeated, async () => {
    const expected = await programs.trainCompiled(12, 96);
    expect((await open(isolation, "trainCompiled", [12, 96])).result).toEqual(expected);
    expect((await open(isolation, "inWorker", ["trainCompiled", 12, 96])).result).toEqual(expected);
  });

  test("WebGPU obeys the laws of a device", async () => {
    const { result } = await open({}, "conform", [2]);
    expect(result.broken).toEqual([]);
    expect(result.laws).toBe(backendConformance("webgpu").length);
  });

  test("WebGPU trains like the CPU", async () => {
    const { result } = await open({}, "descend", ["classifier", "Adam", "webgpu"]);
    await expectDescent(result, "classifier", "Adam");
  });

  test("WebGPU trains by compiled steps as the CPU does", async () => {
    const { result } = await open({}, "descendCompiled", ["webgpu"]);
    await expectCompiledDescent(result);
  });
});
