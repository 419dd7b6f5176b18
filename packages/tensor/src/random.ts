import type { RandomKind } from "@thalweg/kernels";
import {
  backendFor,
  checkShape,
  DTypeError,
  describe,
  IndexError,
  isFloating,
  Layout,
  recorder,
  runKernel,
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

/** State of a {@link Generator}, from which another generator can continue. */
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
 * A stream of random numbers. A counter-based generator computes element n of seed s from n and s alone, so it is the same
 * on every device and in every order of computation.
 *
 * @example
 * const generator = new Generator(42);
 * const a = rand([3], { generator });
 * generator.manualSeed(42);
 * rand([3], { generator }).eq(a).all().item(); // → 1
 */
export class Generator {
  /** @param seed a whole number from 0 to 2^53 - 1; 0 unless given */
  constructor(seed = 0) {
    checkSeed(seed, "Generator");
    this.manualSeed(seed);
  }

  /** @internal */
  get [copyMark](): object {
    return thisCopy;
  }

  /** Restarts with the stream of a seed, a whole number from 0 to 2^53 - 1. */
  manualSeed(seed: number): this {
    checkSeed(seed);
    this.reseed();
    this.seed = seed;
    this.position = 0;
    return this;
  }

  /** Returns the state, for {@link setState}. */
  getState(): GeneratorState {
    return { seed: this.seed, position: this.position };
  }

  /** Continues from a state. */
  setState(state: GeneratorState): this {
    this.prepareLoad(state)();
    return this;
  }

  /**
   * Checks a state without changing anything.
   *
   * @returns a function that does the rest of {@link setState}; it cannot fail
   */
  prepareLoad(state: GeneratorState): () => void {
    const { seed, position } = Object(state) as GeneratorState;
    if (!isCount(position)) {
      throw new IndexError(
        "setState",
        `the position must be a whole number from 0 on, got ${describe(position)}`,
        "pass the result of getState()",
      );
    }
    checkSeed(seed, "setState");
    return () => {
      this.reseed();
      this.seed = seed;
      this.position = position;
    };
  }

  /** Reserves the blocks for `count` elements, and returns the state at their start. @internal */
  take(count: number): GeneratorState {
    const state = this.getState();
    this.note();
    recorder?.draws(this);
    this.position += Math.ceil(count / 2);
    return state;
  }

  private seed = 0;
  private position = 0;

  private reseed(): void {
    this.note();
    if (!replay.running) recorder?.once("a generator was seeded");
  }

  /** Saves the state for a replay, before it changes for the first time. */
  private note(): void {
    const { generators } = replay;
    if (generators !== null && !generators.has(this)) generators.set(this, this.getState());
  }
}

/** The generator that is used unless one is given. */
export const defaultGenerator: Generator = new Generator(0);

export const generatorKind: Kind = /* @__PURE__ */ kind("a Generator", (value) => value instanceof Generator);

/** Seeds {@link defaultGenerator} and returns it. */
export function manualSeed(seed: number): Generator {
  return defaultGenerator.manualSeed(seed);
}

export const drawing: Kind = /* @__PURE__ */ options<RandomOptions>({
  ...creation,
  generator: generatorKind,
});

/** Options of the functions that draw random numbers. */
export interface RandomOptions extends CreateOptions {
  /** Source of the numbers; the generator that {@link manualSeed} seeds unless given. */
  readonly generator?: Generator;
}

export function random(op: string, kind: RandomKind, shape: Shape, options: RandomOptions): Tensor {
  checkShape(op, shape);
  const { dtype = "float32" } = options;
  if (!isFloating(dtype)) {
    throw new DTypeError(op, `random numbers are floating, got ${dtype}`, "draw them with randint");
  }
  const backend = backendFor(op, options.device, dtype);
  const layout = Layout.contiguous([...shape]);
  const out = new Tensor(backend.allocate(dtype, layout.size, shape), layout);
  const { seed, position } = (options.generator ?? defaultGenerator).take(layout.size);
  runKernel(backend, "random", kind, out, seed, position);
  return out;
}

/** Uniform numbers to be converted: float32 unless the result is floating. */
export function uniform(op: string, shape: Shape, { dtype = "float32", ...rest }: RandomOptions): Tensor {
  return random(op, "uniform", shape, { ...rest, dtype: isFloating(dtype) ? dtype : "float32" });
}

/** Overwrites uniform numbers with 1 where they are below `p`, and 0 elsewhere. */
function below(x: Tensor, p: Tensor | number): Tensor {
  return applyInPlace(lt.op, x, [x, p], "bernoulli");
}

export function finished(x: Tensor, options: CreateOptions): Tensor {
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
 * Draws whole numbers from `low` (0 unless given) up to but not including `high`. `high - low` is at most 2^24.
 *
 * @throws DTypeError when the element type cannot hold them; float32 can from -2^24 to 2^24.
 * @example
 * randint([100], 3).max().item(); // → 2
 * randint([100], 5, 7).min().item(); // → 5
 */
export function randint(shape: Shape, high: number, options?: RandomOptions): Tensor;
/**
 * Draws whole numbers from `low` up to but not including `high`. `high - low` is at most 2^24.
 *
 * @throws DTypeError when the element type cannot hold them; float32 can from -2^24 to 2^24.
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
      `the range has no whole numbers or too many, low ${low} and high ${high}`,
      "use whole numbers with high > low, at most 2^24 apart",
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
 * @throws DTypeError when the element type cannot hold them; float32 can up to 2^24.
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
    // Fisher-Yates shuffle: the uniform numbers choose the positions to swap with.
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
 * Draws 1 with the probability in each element of `p`, otherwise 0, with the shape, type and device of `p`. `generator` is
 * the one that {@link manualSeed} seeds unless given.
 *
 * @throws ThalwegError when a probability is not between 0 and 1. On WebGPU the next read throws instead.
 */
export function bernoulli(p: Tensor, options?: { readonly generator?: Generator }): Tensor;
/**
 * Draws 1 with probability `p` for each element of a shape, otherwise 0; `p` is 0.5 unless given.
 *
 * @throws ThalwegError when the probability is not between 0 and 1.
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

/** Uniform numbers in [0, 1) with the shape, type and device of `x`, unless options override type or device. */
export const randLike = /* @__PURE__ */ operation(
  "randLike",
  { x: tensor, options: drawing },
  (x: Tensor, options: RandomOptions = {}): Tensor => {
    return rand(x.shape, { ...options, ...like(x, options) });
  },
);

/** Normal numbers with the shape, type and device of `x`, unless options override type or device. */
export const randnLike = /* @__PURE__ */ operation(
  "randnLike",
  { x: tensor, options: drawing },
  (x: Tensor, options: RandomOptions = {}): Tensor => {
    return randn(x.shape, { ...options, ...like(x, options) });
  },
);
