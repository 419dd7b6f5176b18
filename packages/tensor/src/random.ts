import type { RandomKind } from "@thalweg/kernels";
import {
  backendFor,
  checkShape,
  DTypeError,
  describe,
  IndexError,
  isFloating,
  Layout,
  runRandom,
  type Shape,
  ThalwegError,
} from "@thalweg/kernels";
import { copyMark, thisCopy } from "./copy";
import { type CreateOptions, like, wrap } from "./create";
import { creation, shape, tensor } from "./kinds";
import { checkExact, numbers } from "./numbers";
import { to } from "./ops/cast";
import { applyInPlace } from "./ops/in-place";
import { add, mul } from "./ops/map/arithmetic";
import { lt } from "./ops/map/comparison";
import { floor } from "./ops/map/rounding";
import { checkProbabilities } from "./ops/probabilities";
import { replay } from "./replay";
import {
  checkArguments,
  count,
  either,
  type Kind,
  kind,
  number,
  operation,
  optional,
  options,
} from "./signature";
import { Tensor } from "./tensor";

/** State of a {@link Generator}: what it takes to go on from the same place. */
export interface GeneratorState {
  readonly seed: number;
  readonly position: number;
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function checkSeed(seed: unknown, op = "manualSeed"): asserts seed is number {
  if (isCount(seed)) return;
  throw new IndexError(
    op,
    `the seed must be a whole number from 0 to 2^53 - 1, got ${describe(seed)}`,
    "round it",
  );
}

/**
 * A stream of random numbers: element n of seed s is a function of n and s alone, computed by a
 * counter-based generator, so that it is the same on every device and in every order of computation.
 *
 * @example
 * const generator = new Generator(42);
 * const a = rand([3], { generator });
 * generator.manualSeed(42);
 * rand([3], { generator }).eq(a).all().item(); // → 1
 */
export class Generator {
  /** `seed` is 0 unless given. */
  constructor(seed = 0) {
    checkSeed(seed, "Generator");
    this.manualSeed(seed);
  }

  /** @internal */
  get [copyMark](): object {
    return thisCopy;
  }

  /** Starts the stream of a seed, a whole number from 0 to 2^53 - 1. */
  manualSeed(seed: number): this {
    checkSeed(seed);
    this.note();
    this.seed = seed;
    this.position = 0;
    return this;
  }

  /** What {@link setState} takes. */
  getState(): GeneratorState {
    return { seed: this.seed, position: this.position };
  }

  /** Goes on from where a generator was. */
  setState(state: GeneratorState): this {
    this.prepareLoad(state)();
    return this;
  }

  /**
   * Checks a state without changing anything.
   *
   * @returns what does the rest of {@link setState}; it cannot fail
   */
  prepareLoad(state: GeneratorState): () => void {
    const { seed, position } = Object(state) as GeneratorState;
    if (!isCount(position)) {
      throw new IndexError(
        "setState",
        `the position must be a whole number from 0 on, got ${describe(position)}`,
        "pass what getState() gives",
      );
    }
    checkSeed(seed, "setState");
    return () => {
      this.note();
      this.seed = seed;
      this.position = position;
    };
  }

  /** Reserves the blocks for `count` elements and returns where they start. @internal */
  take(count: number): GeneratorState {
    const state = this.getState();
    this.note();
    this.position += Math.ceil(count / 2);
    return state;
  }

  private seed = 0;
  private position = 0;

  /** Tells whoever wants to go back where this is before it changes. */
  private note(): void {
    const { generators } = replay;
    if (generators !== null && !generators.has(this)) generators.set(this, this.getState());
  }
}

/** The generator that is used where none is given. */
export const defaultGenerator: Generator = new Generator(0);

export const generatorKind: Kind = /* @__PURE__ */ kind("a Generator", (value) => value instanceof Generator);

/** Seeds {@link defaultGenerator} and returns it. */
export function manualSeed(seed: number): Generator {
  return defaultGenerator.manualSeed(seed);
}

const drawing: Kind = /* @__PURE__ */ options<RandomOptions>({
  ...creation,
  generator: generatorKind,
});

/** Options of everything that draws random numbers. */
export interface RandomOptions extends CreateOptions {
  /** Where the numbers come from; the one that {@link manualSeed} seeds unless given. */
  readonly generator?: Generator;
}

function random(op: string, kind: RandomKind, shape: Shape, options: RandomOptions): Tensor {
  checkShape(op, shape);
  const { dtype = "float32" } = options;
  if (!isFloating(dtype)) {
    throw new DTypeError(op, `random numbers are floating, got ${dtype}`, "draw them with randint");
  }
  const backend = backendFor(op, options.device, dtype);
  const layout = Layout.contiguous([...shape]);
  const out = new Tensor(backend.allocate(dtype, layout.size, shape), layout);
  const { seed, position } = (options.generator ?? defaultGenerator).take(layout.size);
  runRandom(backend, kind, out, seed, position);
  return out;
}

/** Uniform numbers that become others: floats, whatever type these are to have. */
function uniform(op: string, shape: Shape, { dtype = "float32", ...rest }: RandomOptions): Tensor {
  return random(op, "uniform", shape, { ...rest, dtype: isFloating(dtype) ? dtype : "float32" });
}

/** 1 where a fresh number is below `p`, else 0, written over these numbers. */
function below(x: Tensor, p: Tensor | number): Tensor {
  return applyInPlace(lt.op, x, [x, p], "bernoulli");
}

function finished(x: Tensor, options: CreateOptions): Tensor {
  if (options.requiresGrad === true) x.requiresGrad = true;
  return x;
}

/** Uniform numbers in [0, 1). */
export const rand = /* @__PURE__ */ operation(
  "rand",
  { shape: shape, options: drawing },
  (shape: Shape, options: RandomOptions = {}): Tensor => {
    return finished(random("rand", "uniform", shape, options), options);
  },
);

/** Normal numbers of mean 0 and variance 1. */
export const randn = /* @__PURE__ */ operation(
  "randn",
  { shape: shape, options: drawing },
  (shape: Shape, options: RandomOptions = {}): Tensor => {
    return finished(random("randn", "normal", shape, options), options);
  },
);

const randintArguments = {
  shape: shape,
  low: number,
  high: optional(either(number, drawing)),
  options: drawing,
};

/**
 * Whole numbers from `low` (0 unless given) up to but not including `high`, at most 2^24 apart.
 *
 * @throws DTypeError where the element type does not hold them: float32 does from -2^24 to 2^24.
 * @example
 * randint([100], 3).max().item(); // → 2
 * randint([100], 5, 7).min().item(); // → 5
 */
export function randint(shape: Shape, high: number, options?: RandomOptions): Tensor;
/**
 * Whole numbers from `low` up to but not including `high`, at most 2^24 apart.
 *
 * @throws DTypeError where the element type does not hold them: float32 does from -2^24 to 2^24.
 */
export function randint(shape: Shape, low: number, high: number, options?: RandomOptions): Tensor;
export function randint(
  shape: Shape,
  first: number,
  second?: number | RandomOptions,
  third?: RandomOptions,
): Tensor {
  checkArguments("randint", randintArguments, [shape, first, second, third]);
  const [low, high] = typeof second === "number" ? [first, second] : [0, first];
  const options = (typeof second === "number" ? third : second) ?? {};
  if (!Number.isSafeInteger(low) || !Number.isSafeInteger(high) || high <= low || high - low > 2 ** 24) {
    throw new IndexError(
      "randint",
      `there are no such whole numbers, low ${low} and high ${high}`,
      "use high > low, at most 2^24 apart",
    );
  }
  const { dtype = "float32" } = options;
  checkExact("randint", dtype, "the numbers", low, high - 1);
  const x = uniform("randint", shape, options);
  return finished(add(to(floor(mul(x, high - low)), dtype), low), options);
}

/**
 * The numbers 0 to n - 1 in random order, as int32 unless `dtype` is given.
 *
 * @throws DTypeError where the element type does not hold them: float32 does up to 2^24.
 */
export const randperm = /* @__PURE__ */ operation(
  "randperm",
  { n: count, options: drawing },
  (n: number, options: RandomOptions = {}): Tensor => {
    checkShape("randperm", [n]);
    const { dtype = "int32" } = options;
    const backend = backendFor("randperm", options.device, dtype);
    checkExact("randperm", dtype, "the numbers", 0, n - 1);
    const keys = random("randperm", "uniform", [n], {
      ...options,
      dtype: "float64",
      device: "cpu",
    }).dataSync();
    // Fisher and Yates: the uniform numbers choose whom to swap with.
    const order = numbers("randperm", dtype, n, (i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = Math.floor(keys[i]! * (i + 1));
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    return wrap(backend, dtype, order, [n], options.requiresGrad);
  },
);

const bernoulliArguments = {
  shape: either(shape, tensor),
  p: optional(number),
  options: drawing,
};

/**
 * 1 with the probability that `p` holds at each place, else 0; or in a given shape, with one probability `p`, 0.5
 * unless given. `generator` is the one that
 * {@link manualSeed} seeds unless given.
 *
 * @throws ThalwegError when a probability is not from 0 to 1; on WebGPU the next read does.
 */
export function bernoulli(p: Tensor, options?: { readonly generator?: Generator }): Tensor;
/**
 * 1 with probability `p` at each place of a shape, else 0; `p` is 0.5 unless given.
 *
 * @throws ThalwegError when the probability is not from 0 to 1.
 */
export function bernoulli(shape: Shape, p?: number, options?: RandomOptions): Tensor;
export function bernoulli(
  first: Tensor | Shape,
  second?: number | RandomOptions,
  options: RandomOptions = {},
): Tensor {
  if (first instanceof Tensor) {
    checkArguments("bernoulli", { p: tensor, options: drawing }, [first, second]);
    checkProbabilities("bernoulli", first);
    const place = { ...(second as RandomOptions | undefined), ...like(first, {}) };
    return below(random("bernoulli", "uniform", first.shape, place), first.detach());
  }
  checkArguments("bernoulli", bernoulliArguments, [first, second, options]);
  const p = (second as number | undefined) ?? 0.5;
  if (!(p >= 0 && p <= 1)) throw new ThalwegError("bernoulli", `p is ${p}`, "it must be from 0 to 1");
  const x = below(uniform("bernoulli", first, options), p);
  return finished(to(x, options.dtype ?? "float32"), options);
}

/** Uniform numbers in [0, 1) in the shape, type and place of `x`. */
export const randLike = /* @__PURE__ */ operation(
  "randLike",
  { x: tensor, options: drawing },
  (x: Tensor, options: RandomOptions = {}): Tensor => {
    return rand(x.shape, { ...options, ...like(x, options) });
  },
);

/** Normal numbers in the shape, type and place of `x`. */
export const randnLike = /* @__PURE__ */ operation(
  "randnLike",
  { x: tensor, options: drawing },
  (x: Tensor, options: RandomOptions = {}): Tensor => {
    return randn(x.shape, { ...options, ...like(x, options) });
  },
);
