import { enableGrad, grad } from "@thalweg/autograd";
import {
  ArgumentError,
  defaultGenerator,
  type InputSample,
  manualSeed,
  type Shape,
  type Tensor,
} from "@thalweg/tensor";
import {
  count,
  either,
  formatShape,
  kinds,
  oneOf,
  optional,
  options as optionsOf,
  required,
  sameShape,
} from "@thalweg/tensor/internal";
import type { GeneratorValue } from "fast-check";
import { layouts, type Relayout } from "./arbitraries";
import { domain } from "./arguments";
import { drawInput } from "./draw";
import { seedLike } from "./op-call";

/**
 * Shape and numbers of one input of a layer or a loss. Whole numbers (`domain.whole`) are indices, classes and masks,
 * and are not differentiated.
 */
export interface LawInput extends InputSample {
  /** The dimension of a batch's samples; 0 unless given, null for none. */
  readonly batchDim?: number | null;
}

/** Fields of {@link LawInput}, for signatures. */
export const inputFields = {
  shape: required(kinds.shape),
  domain: optional(domain),
  batchDim: optional(either(count, oneOf(null))),
};

export const inputKind = optionsOf<LawInput>(inputFields);

/** Throws if `batchDim` is not a dimension of its input. */
export function checkInputs(op: string, inputs: readonly LawInput[]): void {
  inputs.forEach(({ shape, batchDim }, i) => {
    if (typeof batchDim !== "number" || batchDim < shape.length) return;
    throw new ArgumentError(
      op,
      `input ${i} has no dimension ${batchDim}, its shape is ${formatShape(shape)}`,
      "give another batchDim, or null where there is no batch",
    );
  });
}

export function batchDimOf({ shape, batchDim = 0 }: LawInput): number | null {
  return shape.length === 0 ? null : batchDim;
}

/** The inputs with other numbers of samples. */
export function resized<Input extends LawInput>(
  inputs: readonly Input[],
  change: (samples: number) => number,
): Input[] {
  return inputs.map((input) => {
    const dim = batchDimOf(input);
    return { ...input, shape: input.shape.map((extent, d) => (d === dim ? change(extent) : extent)) };
  });
}

/** Positions of the inputs that can be differentiated. */
export function smoothOf(inputs: readonly LawInput[]): number[] {
  return inputs.flatMap(({ domain }, i) => (domain?.whole === true ? [] : [i]));
}

export function drawInputs(g: GeneratorValue, inputs: readonly LawInput[]): Tensor[] {
  return inputs.map(({ shape, domain }) =>
    drawInput(g, domain === undefined ? { shape } : { shape, domain }),
  );
}

export function drawLayouts(g: GeneratorValue, inputs: readonly LawInput[]): Relayout[] {
  return inputs.map(() => g(layouts));
}

/** Runs with the same random numbers every time, and restores those of the program. */
export function seeded<T>(compute: () => T, seed = 20_731): T {
  const before = defaultGenerator.getState();
  manualSeed(seed);
  try {
    return compute();
  } finally {
    defaultGenerator.setState(before);
  }
}

/** The inputs as leaves; those at `positions` require grad. */
export function leavesAt(inputs: readonly Tensor[], positions: readonly number[]): Tensor[] {
  return inputs.map((x, i) => {
    const leaf = x.detach();
    if (positions.includes(i)) leaf.requiresGrad = true;
    return leaf;
  });
}

/** Gradients of a weighted sum of all outputs; null where nothing depends on a target. */
export function gradientsOf(outputs: readonly Tensor[], targets: readonly Tensor[]): (Tensor | null)[] {
  return enableGrad(() => {
    const differentiable = outputs.filter((y) => y.requiresGrad);
    if (differentiable.length === 0 || targets.length === 0) return targets.map(() => null);
    const seeds = differentiable.map(seedLike);
    return grad(differentiable, targets, { gradOutputs: seeds, allowUnused: true as const });
  });
}

/** An element of a result to compare; null means no gradient. */
type Compared = Tensor | null;

function eachPair(
  actual: readonly Compared[],
  expected: readonly Compared[],
  what: string,
  check: (a: Tensor, b: Tensor, name: string) => void,
): void {
  if (actual.length !== expected.length)
    throw new Error(`${what}: there are ${actual.length}, not ${expected.length}`);
  actual.forEach((a, i) => {
    const b = expected[i]!;
    const name = actual.length === 1 ? what : `${what} ${i}`;
    if (a === null || b === null) {
      if (a !== b) throw new Error(`${name} is ${a === null ? "missing" : "there, and should not be"}`);
      return;
    }
    expectShape(a, b.shape, name);
    check(a, b, name);
  });
}

export function expectShape({ shape }: Tensor, expected: Shape, what: string): void {
  if (sameShape(shape, expected)) return;
  throw new Error(`${what} has shape ${formatShape(shape)}, not ${formatShape(expected)}`);
}

/** Throws unless all elements are the same numbers; zeros of either sign are equal. */
export function expectBits(actual: readonly Compared[], expected: readonly Compared[], what: string): void {
  eachPair(actual, expected, what, (a, b, name) => {
    const [x, y] = [a.dataSync(), b.dataSync()];
    x.forEach((value, i) => {
      if (!Object.is(value, y[i]) && value !== y[i])
        throw new Error(`${name}: element ${i} is ${value}, not ${y[i]}`);
    });
  });
}

/** Throws at the first element whose error exceeds the tolerance times the largest expected element. */
export function expectNear(
  actual: readonly Compared[],
  expected: readonly Compared[],
  tolerance: number,
  what: string,
): void {
  eachPair(actual, expected, what, (a, b, name) => {
    const [x, y] = [a.dataSync(), b.dataSync()];
    let scale = 1;
    for (const value of y) if (Number.isFinite(value)) scale = Math.max(scale, Math.abs(value));
    x.forEach((value, i) => {
      if (Object.is(value, y[i]) || value === y[i] || Math.abs(value - y[i]!) <= tolerance * scale) return;
      throw new Error(`${name}: element ${i} is ${value}, not ${y[i]}`);
    });
  });
}

/** Throws unless every element is 0. */
export function expectZeros(x: Tensor, what: string): void {
  x.dataSync().forEach((value, i) => {
    if (value !== 0) throw new Error(`${what}: element ${i} is ${value}, not 0`);
  });
}

/** Adds the input numbers to a check's error. */
export async function withInputs(
  inputs: readonly Tensor[],
  check: () => void | Promise<void>,
): Promise<void> {
  try {
    await check();
  } catch (error) {
    const texts = inputs.map((x) => `${formatShape(x.shape)} ${JSON.stringify(x.toArray())}`);
    throw new Error(`${(error as Error).message}\nfor ${texts.join(" and ")}`, { cause: error });
  }
}
