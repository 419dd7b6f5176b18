import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as data from "@thalweg/data";
import * as distributions from "@thalweg/distributions";
import * as io from "@thalweg/io";
import * as linalg from "@thalweg/linalg";
import * as metrics from "@thalweg/metrics";
import { add, Generator, randn, ThalwegError, tensor } from "@thalweg/tensor";
import * as testing from "@thalweg/testing";
import * as train from "@thalweg/train";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

/** The number of calls, and the first seed: THALWEG_FUZZ_CALLS=200000 takes some minutes. */
const calls = Number(process.env.THALWEG_FUZZ_CALLS ?? 10_000);
const seed = Number(process.env.THALWEG_FUZZ_SEED ?? 1);

// Texts are also paths of files that are written.
const folder = mkdtempSync(join(tmpdir(), "thalweg-arguments-"));
const before = process.cwd();
beforeAll(() => process.chdir(folder));
afterAll(() => {
  process.chdir(before);
  rmSync(folder, { recursive: true });
});

type Callable = (...args: unknown[]) => unknown;

/** A public function: its name, and the names that its errors may have. */
interface Target {
  readonly name: string;
  readonly ops: readonly string[];
  call(args: unknown[]): unknown;
}

const isClass = (value: unknown) => /^class\b/.test(Function.prototype.toString.call(value));

/** Functions and classes, except for errors: only the library makes those that it throws. */
function exported(entry: object): Target[] {
  return Object.entries(entry).flatMap(([name, value]): Target[] => {
    if (typeof value !== "function" || name.endsWith("Error")) return [];
    const call = isClass(value)
      ? (args: unknown[]) => Reflect.construct(value, args)
      : (args: unknown[]) => (value as Callable)(...args);
    return [{ name, ops: [name], call }];
  });
}

const table = data.readCsv("a,b\n1,2\n3,4");
const dataset = new data.TensorDataset(tensor([1, 2, 3]), tensor([4, 5, 6]));
const sampler = new data.WeightedRandomSampler([1, 2, 3], 2, { generator: new Generator(1) });
const instances: object[] = [
  table,
  dataset,
  sampler,
  new data.WeightedRandomSampler([1, 2], 1, { replacement: false }),
  new data.Subset(dataset, [2, 0]),
  new data.Subset([1, 2, 3], [2, 0]),
  new data.DataLoader(dataset, { shuffle: true, sampler: undefined as never }),
  new data.DataLoader([1, 2, 3], { sampler }),
  new data.StandardScaler().fit(tensor([[1], [2]])),
  new data.MinMaxScaler({ clip: true }),
  new data.SimpleImputer({ addIndicator: true }).fit(
    tensor([
      [1, 2, Number.NaN],
      [1, 2, 3],
    ]),
  ),
  new data.OneHotEncoder().fit(tensor([[1, 2, 3]])),
  new data.OrdinalEncoder().fit(tensor([[1, 2, 3]])),
  new data.Pipeline(new data.MinMaxScaler(), new data.StandardScaler()),
  new data.ColumnTransformer([[new data.StandardScaler(), [0, 2]]]).fit(tensor([[1, 2, 3]])),
  new metrics.Accuracy({ topK: 2 }),
  new metrics.F1({ threshold: 0.5 }),
  new metrics.ConfusionMatrix(3),
  new metrics.AUROC(),
  new metrics.RMSE(),
  new metrics.R2(),
  new metrics.Perplexity(),
  new metrics.Mean(),
  new distributions.Normal(0, tensor([1, 2])),
  new distributions.Uniform(0, 1),
  new distributions.Bernoulli({ logits: 0 }),
  new distributions.Categorical({ probs: tensor([[1, 2, 0]]) }),
];

/** The base classes, whose methods are those that programs call. */
const bases = [data.ColumnwisePreprocessor, metrics.Metric, distributions.Distribution];

function methods(of: object): Target[] {
  const base = bases.find((each) => of instanceof each);
  const prototype = base === undefined ? (Object.getPrototypeOf(of) as object) : (base.prototype as object);
  const owner = of.constructor.name;
  return Reflect.ownKeys(prototype).flatMap((key): Target[] => {
    const { value } = Object.getOwnPropertyDescriptor(prototype, key)!;
    if (typeof value !== "function" || key === "constructor" || hidden.has(String(key))) return [];
    return [
      {
        name: `${owner}.${String(key)}`,
        // Both halves of loading have one name in errors.
        ops: [String(key), ...(key === "prepareLoad" ? ["loadStateDict"] : [])].flatMap((op) => [
          op,
          owner,
          `${owner}.${op}`,
        ]),
        call: (args) => (value as Callable).apply(of, args),
      },
    ];
  });
}

/** Methods that are private in TypeScript. */
const hidden = new Set(
  "at map check drawAgain drawOnce fixed samplerState batches batchesToCome begin order end promise load op selected checked drawn place read learn known apply steps columns".split(
    " ",
  ),
);

const targets = [
  ...exported(data),
  ...exported(distributions),
  ...exported(io),
  ...exported(linalg),
  ...exported(metrics),
  ...exported(testing),
  ...exported(train),
  ...instances.flatMap(methods),
];

/** A reproducible source of numbers in [0, 1). */
function randomOf(from: number): () => number {
  let state = from >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

class Other {
  readonly length = 2;
}

const cyclic: unknown[] = [];
cyclic.push(cyclic);
const bytes = io.saveSafetensors({ x: tensor([1, 2]) });
const state = { stateDict: () => ({ a: 1 }), loadStateDict() {} };

/** Values of all types; meaningful ones let calls get further. */
const values: readonly unknown[] = [
  ...[
    undefined,
    null,
    true,
    false,
    0,
    1,
    2,
    -1,
    0.5,
    3,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    1e300,
    2 ** 53,
    -0,
  ],
  ...[
    "",
    "x",
    "a,b\n1,2\nNA,x",
    "/no/such/file",
    "drop",
    "mean",
    ",",
    ".",
    "float64",
    "\0",
    "😀",
    "__proto__",
  ],
  ...[5n, Symbol("s"), Symbol.iterator, () => 1, (x: unknown) => x, Math.max, class {}, Other],
  ...[{}, [], [1], [1, 2], [0.5, 0.5], ["a"], [null], [undefined], [[1], [2]], [{}], cyclic, new Array(3)],
  ...[
    Object.create(null),
    new Other(),
    new Date(0),
    new Map([[1, 2]]),
    /x/,
    Promise.resolve(1),
    new Error("e"),
  ],
  ...[
    new Float32Array(2),
    new Uint8Array(9),
    new BigInt64Array(1),
    new ArrayBuffer(8),
    new DataView(bytes.buffer),
  ],
  ...[
    tensor([1, 2]),
    tensor(3),
    randn([2, 3]),
    [tensor([1, 2])],
    [tensor(1), 2],
    new Generator(2),
    add.op,
    [add.op],
  ],
  ...[
    bytes,
    { x: tensor([1]) },
    { model: state },
    state,
    dataset,
    sampler,
    table,
    new data.MinMaxScaler(),
    [[new data.StandardScaler(), [0]]],
    new URL("file:///no/such/file"),
  ],
  ...[
    { length: 2, get: (i: number) => i },
    { length: 2, get: 1 },
    { length: -1, get: () => 1 },
    { shape: [2] },
  ],
  ...[
    { length: 2 ** 53 - 1, get: (i: number) => i },
    { length: 2, indices: () => [0, 1] },
    { min: 0, max: 1 },
  ],
];

const names = [
  ...[
    "batchSize",
    "shuffle",
    "sampler",
    "generator",
    "dropLast",
    "collate",
    "prefetch",
    "replacement",
    "columns",
  ],
  ...[
    "header",
    "delimiter",
    "missing",
    "naValues",
    "categories",
    "oneHot",
    "decimal",
    "thousands",
    "metadata",
  ],
  ...[
    "minRank",
    "maxRank",
    "minExtent",
    "maxExtent",
    "shape",
    "min",
    "max",
    "dtype",
    "requiresGrad",
    "eps",
    "atol",
  ],
  ...[
    "rtol",
    "inputs",
    "allowAllKinks",
    "numRuns",
    "secondOrder",
    "ops",
    "tolerance",
    "options",
    "steps",
    "shapes",
  ],
  ...[
    "withMean",
    "featureRange",
    "strategy",
    "fillValue",
    "addIndicator",
    "handleUnknown",
    "unknownValue",
    "remainder",
  ],
  ...[
    "domain",
    "whole",
    "avoid",
    "version",
    "epoch",
    "examples",
    "samples",
    "order",
    "batches",
    "noSuchOption",
    "a",
  ],
];

function describeValue(value: unknown): string {
  try {
    const text = typeof value === "object" || value === undefined ? JSON.stringify(value) : String(value);
    return String(text).slice(0, 200);
  } catch {
    return Object.prototype.toString.call(value);
  }
}

/** The problem of an error; null if there is none. */
function complaint(error: unknown, { ops }: Target): string | null {
  if (!(error instanceof ThalwegError)) return `a raw ${String((error as Error)?.stack ?? error)}`;
  if (!ops.includes(error.op)) return `it names ${error.op}: ${error.message}`;
  if (!error.message.startsWith(`${error.op}: `)) return `its message does not name it: ${error.message}`;
  if (error.message.includes("internal:")) return error.message;
  return error.name.endsWith("Error") && error.name !== "Error" ? null : `it is called ${error.name}`;
}

describe("calls with arguments of any types", () => {
  it(
    "return something, or throw an error of the library that names what was called",
    async () => {
      const random = randomOf(seed);
      const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
      const argument = (): unknown => {
        if (random() < 0.7) return pick(values);
        const count = 1 + Math.floor(random() * 3);
        return Object.fromEntries(Array.from({ length: count }, () => [pick(names), pick(values)]));
      };
      const found = new Map<string, string>();
      const counts = new Map<string, [results: number, errors: number]>();
      for (let i = 0; i < calls; i++) {
        const target = pick(targets);
        const args = Array.from({ length: Math.floor(random() * 5) }, argument);
        const count = counts.get(target.name) ?? [0, 0];
        counts.set(target.name, count);
        try {
          await target.call(args);
          count[0]++;
        } catch (error) {
          count[1]++;
          const wrong = complaint(error, target);
          const text = `call ${i}, ${target.name}(${args.map(describeValue).join(", ")}): ${wrong}`;
          if (wrong !== null && !found.has(target.name)) found.set(target.name, text);
        }
      }
      expect([...found.values()]).toEqual([]);
      expect(counts.size).toBe(new Set(targets.map(({ name }) => name)).size);
      const never = [...counts].filter(([, [results, errors]]) => results + errors === 0);
      expect(never).toEqual([]);
      const refused = [...counts.values()].filter(([, errors]) => errors > 0);
      expect(refused.length).toBeGreaterThan(targets.length / 2);
    },
    30_000 + calls,
  );
});
