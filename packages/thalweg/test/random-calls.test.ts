import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as library from "thalweg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { randomValues } from "./random-values";

/** Number of calls: 20,000 in the suite, more in runs by hand. */
const count = Number(process.env.THALWEG_RANDOM_CALLS ?? 20_000);
const seed = Number(process.env.THALWEG_RANDOM_SEED ?? 1);

/** A file for the last call, in case one kills the process. */
const trail = process.env.THALWEG_RANDOM_TRAIL;

/** Functions that change the library for everything after them, or wait for a device. */
const others = new Set([
  "registerBackend",
  "setDefaultDevice",
  "setWebAssembly",
  "setCodeGeneration",
  "setThreads",
]);

type Callable = (...args: unknown[]) => unknown;

const isClass = (value: Callable) => /^class\b/.test(Function.prototype.toString.call(value));

interface Target {
  /** The names that an error may begin with. */
  readonly names: readonly string[];
  readonly text: string;
  readonly arity: number;
  call(args: readonly unknown[]): unknown;
}

function targets(tensors: () => library.Tensor): Target[] {
  const found: Target[] = [];
  const add = (name: string, value: unknown) => {
    if (typeof value !== "function" || others.has(name) || /Error$/.test(name)) return;
    const call = value as Callable;
    const isMade = isClass(call);
    found.push({
      names: [name],
      text: isMade ? `new ${name}` : name,
      arity: Math.max(1, call.length),
      call: (args) => (isMade ? Reflect.construct(call, args) : call(...args)),
    });
  };
  for (const [name, value] of Object.entries(library)) add(name, value);
  for (const [name, value] of Object.entries(library.init)) add(name, value);
  const internals = new Set(["constructor", "track", "untrack", "keepGradient"]);
  const prototype = Object.getOwnPropertyDescriptors(library.Tensor.prototype);
  for (const [name, { value }] of Object.entries(prototype)) {
    if (typeof value !== "function" || internals.has(name)) continue;
    const call = (args: readonly unknown[]) => (value as Callable).apply(tensors(), [...args]);
    found.push({ names: [name], text: `x.${name}`, arity: 2, call });
  }
  return found;
}

/** The bits of some training steps that use much of the library. */
function bitsOfTraining(): readonly number[] {
  const generator = new library.Generator(7);
  library.manualSeed(5);
  const model = new library.Sequential(
    new library.Linear(3, 8),
    new library.GELU(),
    new library.Linear(8, 2),
  );
  const optimizer = new library.Adam(model.parameters(), { lr: 0.01 });
  const x = library.randn([16, 3], { generator });
  const y = library.randint([16], 2, { generator });
  for (let step = 0; step < 3; step++) {
    optimizer.zeroGrad();
    library.crossEntropy(model.forward(x) as library.Tensor, y).backward();
    optimizer.step();
  }
  return model.parameters().flatMap((parameter) => [...parameter.dataSync()]);
}

function problemOf(target: Target, error: unknown): string | null {
  if (!(error instanceof library.ThalwegError))
    return `raw error: ${String((error as Error)?.stack ?? error)}`;
  if (error.message.includes("internal:")) return `a bug of ours: ${error.message}`;
  const called = String(error.op).split(".")[0]!;
  if (target.names.some((name) => name.toLowerCase() === called.toLowerCase())) return null;
  return `another name: ${error.message}`;
}

describe("random calls of everything public", () => {
  let folder: string;
  const before = process.cwd();
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "thalweg-calls-"));
    process.chdir(folder);
  });
  afterAll(() => {
    process.chdir(before);
    rmSync(folder, { recursive: true });
  });

  it("return a result or throw an error of ours that names what was called, and change nothing", async () => {
    const bits = bitsOfTraining();
    const values = randomValues(seed);
    const all = targets(() => values.tensor());
    const problems = new Map<string, string>();
    for (let i = 0; i < count; i++) {
      const target = all[i % all.length]!;
      const args = values.list(target.arity);
      if (trail !== undefined)
        writeFileSync(trail, `${i} ${target.text}(${args.map(values.show).join(", ")})`);
      try {
        await target.call(args);
      } catch (error) {
        const problem = problemOf(target, error);
        const key = `${target.text}: ${problem?.slice(0, 60)}`;
        if (problem !== null && !problems.has(key)) {
          problems.set(key, `${target.text}(${args.map(values.show).join(", ")}): ${problem}`);
        }
      }
    }
    expect([...problems.values()]).toEqual([]);
    expect(bitsOfTraining()).toEqual(bits);
  });
});
