import * as library from "@thalweg/tensor";
import { Tensor } from "@thalweg/tensor";
/** A reproducible source of numbers below 1. */
export type Random = () => number;

export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Functions that change the library, or are no operations. */
const others = new Set(
  [
    "setWebAssembly setCodeGeneration setThreads setDefaultDevice registerBackend installEngine pushLayer",
    "openScope closeScope scoped internal apply profile pointwise mapReduce compact copyOf updateInPlace",
    "wrap like samplesOf allOps allComposites item itemAsync data toArrayAsync toAsync manualSeed",
    "constructor track untrack",
  ]
    .join(" ")
    .split(" "),
);

type Callable = (this: unknown, ...args: unknown[]) => unknown;

const isClass = (value: object) => /^class\b/.test(Function.prototype.toString.call(value));

function callables(of: object, prefix: string): [string, Callable][] {
  return Object.entries(Object.getOwnPropertyDescriptors(of)).flatMap(([name, { value, get }]) => {
    const found: unknown = get && prefix === "" ? get() : value;
    if (typeof found !== "function" || others.has(name) || isClass(found)) return [];
    return [[prefix + name, found as Callable] as [string, Callable]];
  });
}

const methods = callables(Tensor.prototype, ".");
const functions = callables(library, "");

const oddNumbers = [
  ...[-1, -2, -3, -4000, -(2 ** 33), 0.5, 2.5, -0.5, 1e-320, Number.NaN, Number.POSITIVE_INFINITY],
  ...[Number.NEGATIVE_INFINITY, 2 ** 31, 2 ** 32, 2 ** 32 + 1, 2 ** 33, 1e10, 2 ** 53, 1e300, -0],
];

const options = [
  ...["dim", "dims", "keepDim", "offset", "dim1", "dim2", "descending", "mode", "value", "step", "stride"],
  ...[
    "padding",
    "dilation",
    "groups",
    "bias",
    "eps",
    "correction",
    "min",
    "max",
    "count",
    "shape",
    "isCausal",
  ],
];

const shapes = [
  ...[[3050], [1100], [64, 50], [50, 64], [1, 500], [500, 1], [1, 50], [40, 40], [32, 32, 3], [2, 3, 4]],
  ...[[5], [], [1], [0], [0, 4], [1, 1, 1], [2, 3, 16, 16], [4, 3, 3, 3], [2, 8, 40], [7, 1, 9]],
];

export interface Call {
  readonly text: string;
  /** Runs the call and returns its result. */
  run(): unknown;
}

/** Random calls of everything public, with views, sizes and values of wrong types. */
export class RandomCalls {
  private readonly random: Random;
  private readonly generator = new library.Generator(3);
  private tensors: Tensor[] = [];

  constructor(random: Random) {
    this.random = random;
    this.renew();
  }

  /** Other tensors to call with. */
  renew(): void {
    this.tensors = shapes.map((shape) => library.randn(shape, { generator: this.generator }));
    this.tensors.push(library.randint([12], 4, { generator: this.generator }));
    this.tensors.push(library.randn([3, 4], { dtype: "float64", generator: this.generator }));
  }

  /** Results of calls become operands of others. */
  keep(result: unknown): void {
    if (!(result instanceof Tensor) || result.size > 4000 || result.storage.size > 4000) return;
    const from = shapes.length;
    const at = this.tensors.length < 60 ? this.tensors.length : from + this.below(60 - from);
    this.tensors[at] = result;
  }

  next(): Call {
    const isMethod = this.random() < 0.7;
    const [name, callable] = this.pick(isMethod ? methods : functions);
    const self = isMethod ? this.tensor() : undefined;
    const args = Array.from({ length: this.below(5) }, () => this.argument(self));
    if (isMethod && args.length === 0 && this.random() < 0.5) args.push(this.argument(self));
    const text = `${self === undefined ? "" : describe(self)}${name}(${args.map(describe).join(", ")})`;
    return { text, run: () => callable.apply(self, args) };
  }

  private below(n: number): number {
    return Math.floor(this.random() * n);
  }

  private pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)]!;
  }

  private tensor(): Tensor {
    const x = this.pick(this.tensors);
    const chance = this.random();
    if (x.ndim === 0 || chance < 0.5) return x;
    const dim = this.below(x.ndim);
    const extent = x.shape[dim]!;
    if (chance < 0.6) return x.flip(dim);
    if (chance < 0.7) return x.transpose(dim, this.below(x.ndim));
    if (chance < 0.8 && extent > 0) return x.narrow(dim, this.below(extent), 1);
    if (chance < 0.9 && extent > 1) return x.narrow(dim, 1, this.below(extent));
    if (extent === 1) return x.expand(x.shape.with(dim, 1 + this.below(60)));
    return x.unsqueeze(dim);
  }

  private number(): number {
    return this.random() < 0.75 ? this.below(10) - 3 : this.pick(oddNumbers);
  }

  private argument(self: Tensor | undefined): unknown {
    const chance = this.random();
    if (chance < 0.3) return this.tensor();
    if (chance < 0.5) return this.number();
    if (chance < 0.65) return this.sizes(self);
    if (chance < 0.72) return Array.from({ length: this.below(4) }, () => this.tensor());
    if (chance < 0.85) return this.options(self);
    return this.wrong();
  }

  /** A shape like that of a tensor, with other values in some of its places. */
  private sizes(self: Tensor | undefined): number[] {
    const shape = [...(self ?? this.pick(this.tensors)).shape];
    for (let k = this.below(3); k > 0; k--) {
      const at = this.below(shape.length + 1);
      if (this.random() < 0.3) shape.splice(at, 0, this.number());
      else if (this.random() < 0.2) shape.splice(at, 1);
      else if (at < shape.length) shape[at] = this.number();
    }
    return this.random() < 0.5 ? shape : Array.from({ length: this.below(5) }, () => this.number());
  }

  private options(self: Tensor | undefined): object {
    const entries = Array.from({ length: 1 + this.below(2) }, () => {
      const value =
        this.random() < 0.7 ? this.number() : this.random() < 0.5 ? this.sizes(self) : this.wrong();
      return [this.pick(options), value] as const;
    });
    return Object.fromEntries(entries);
  }

  private wrong(): unknown {
    return this.pick<unknown>([
      ...[null, undefined, "x", "mean", "ij,jk->ik", true, false, {}, [], [[1, 2], [3]], 5n, new Date(0)],
      ...[
        () => 1,
        new Float32Array(3),
        [null],
        ["a"],
        Number.NaN,
        { shape: [2], layout: null },
        Symbol.iterator,
      ],
    ]);
  }
}

function describe(value: unknown): string {
  if (value instanceof Tensor) return `tensor[${value.shape}/${value.strides}+${value.offset}]`;
  if (Array.isArray(value)) return `[${value.map(describe).join(", ")}]`;
  if (typeof value === "object" && value !== null) {
    return `{${Object.entries(value).map(([key, of]) => `${key}: ${describe(of)}`)}}`;
  }
  return Object.is(value, -0) ? "-0" : String(value);
}
