import { enableGrad, grad } from "@thalweg/autograd";
import {
  type Composite,
  type Input,
  type InputSample,
  type Op,
  samplesOf,
  type Tensor,
  tensor,
} from "@thalweg/tensor";
import { apply, formatShape } from "@thalweg/tensor/internal";
import fc from "fast-check";
import { layouts } from "./arbitraries";
import { drawFrom, drawInput } from "./draw";

/** A random call of an operation: float32 inputs in random layouts. */
export interface OpCall {
  readonly inputs: readonly Tensor[];
  /** The same inputs in the same layouts, built from row-major ones in another type or on another device. */
  moved(move: (x: Tensor) => Tensor): Tensor[];
  readonly attrs: unknown;
  /** Positions of the inputs that can be differentiated. */
  readonly smooth: readonly number[];
}

/** Reads an input through a stride of 0: the first position of a dimension, repeated. */
function expanded(x: Tensor, dim: number): Tensor {
  return x.ndim === 0 || x.size === 0 ? x : x.narrow(dim % x.ndim, 0, 1).expand(x.shape);
}

function isSmooth({ domain }: InputSample): boolean {
  return domain?.whole !== true;
}

/** The subject of laws: an operation, or a function made of operations. */
export type Subject = Op | Composite;

export function drawCall(g: fc.GeneratorValue, op: Subject): OpCall {
  const sample = samplesOf(op).sample(drawFrom(g));
  const dense: Tensor[] = [];
  const ways = sample.inputs.map((input) => {
    dense.push(drawInput(g, input));
    // Equal elements would tie where an operation wants them apart.
    const repeat = input.domain?.distinct !== true && g(fc.integer, { min: 0, max: 4 }) === 0;
    const dim = repeat ? g(fc.nat, { max: 3 }) : 0;
    const way = g(layouts);
    return (x: Tensor) => way(repeat ? expanded(x, dim) : x);
  });
  const moved = (move: (x: Tensor) => Tensor) => dense.map((x, i) => ways[i]!(move(x)));
  return {
    inputs: moved((x) => x),
    moved,
    attrs: sample.attrs,
    smooth: sample.inputs.flatMap((input, i) => (isSmooth(input) ? [i] : [])),
  };
}

/** A call with given inputs. */
function callOf(inputs: readonly Tensor[], smooth: readonly number[]): OpCall {
  return { inputs, moved: (move) => inputs.map(move), attrs: undefined, smooth };
}

export function run(op: Subject, inputs: readonly Input[], attrs: unknown): Tensor {
  return op.kind === "composite" ? op.forward(inputs, attrs) : apply(op, [...inputs], attrs);
}

function show({ inputs, attrs }: OpCall): string {
  const text = inputs.map(
    (x) => `${formatShape(x.shape)} strides ${formatShape(x.strides)} ${JSON.stringify(x.toArray())}`,
  );
  return `${text.join(" and ")}, ${JSON.stringify(attrs)}`;
}

export function fail(call: OpCall, problem: string): never {
  throw new Error(`${problem}\nfor ${show(call)}`);
}

/** The inputs as leaves; the smooth ones require grad. */
export function leavesOf(call: OpCall, inputs: readonly Tensor[] = call.inputs): Tensor[] {
  return inputs.map((x, i) => {
    const leaf = x.detach();
    if (call.smooth.includes(i)) leaf.requiresGrad = true;
    return leaf;
  });
}

/** Weights 1, 2, 3, 1, ... in the shape and type, and on the device, of a result. */
export function seedLike({ size, shape, dtype, device }: Tensor): Tensor {
  return tensor(
    Float32Array.from({ length: size }, (_, i) => 1 + (i % 3)),
    { shape, dtype, device },
  );
}

/** Gradients of all smooth inputs of a weighted sum of the result. */
export function gradients(op: Subject, call: OpCall, inputs?: readonly Tensor[]): (Tensor | null)[] {
  const leaves = leavesOf(call, inputs);
  return enableGrad(() => {
    const y = run(op, leaves, call.attrs);
    const targets = call.smooth.map((i) => leaves[i]!);
    return grad(y, targets, { gradOutputs: seedLike(y), allowUnused: true as const });
  });
}

/** Tolerance of results: relative to the reference, and to the largest input. */
export interface Tolerance {
  readonly relative: number;
  readonly absolute: number;
}

/** The largest finite number of the inputs, at least 1. */
function scaleOf({ inputs }: OpCall): number {
  return inputs.reduce((scale, x) => {
    for (const value of x.dataSync())
      if (Math.abs(value) < Number.POSITIVE_INFINITY) scale = Math.max(scale, Math.abs(value));
    return scale;
  }, 1);
}

/** Throws at the first element that is too far from the reference. */
export function expectClose(
  call: OpCall,
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  { relative, absolute }: Tolerance,
  what: string,
): void {
  if (actual.length !== expected.length) {
    fail(call, `${what} gives ${actual.length} elements, the reference ${expected.length}`);
  }
  const scale = scaleOf(call);
  for (let i = 0; i < actual.length; i++) {
    const [value, reference] = [actual[i]!, Math.fround(expected[i]!)];
    if (Object.is(value, reference) || value === reference) continue;
    if (!(Math.abs(value - reference) <= relative * Math.abs(reference) + absolute * scale)) {
      fail(call, `${what} gives ${value} at ${i}, the reference ${expected[i]}`);
    }
  }
}

/** Numbers that need special treatment, the most important first. */
const special = [
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  0,
  1,
  -0,
  -1,
  0.5,
  1e4,
  -1e4,
];

function arityOf(op: Subject): number {
  return samplesOf(op).sample(drawFrom(fc.sample(fc.gen(), 1)[0]!)).inputs.length;
}

const mostCombinations = 1e5;

/**
 * A call of an element-wise operation with every combination of special values, or of the most important ones where the inputs are so many
 * that there would be too many combinations.
 */
export function specialCall(op: Subject): OpCall {
  const arity = arityOf(op);
  const count = Math.min(special.length, Math.floor(mostCombinations ** (1 / arity) + 1e-9));
  const shape = new Array<number>(arity).fill(count);
  const inputs = shape.map((extent, d) =>
    tensor(special.slice(0, count), { shape: shape.map((_, k) => (k === d ? extent : 1)) }),
  );
  return {
    ...callOf(inputs, []),
    inputs: inputs.map((x) => x.expand(shape)),
    moved: (move) => inputs.map((x) => move(x).expand(shape)),
  };
}

/** Calls of an element-wise operation without elements. */
export function emptyCalls(op: Subject): OpCall[] {
  return [[0], [2, 0], [0, 3, 1]].map((shape) => {
    const inputs = Array.from({ length: arityOf(op) }, () => tensor([], { shape }));
    return callOf(
      inputs,
      inputs.map((_, i) => i),
    );
  });
}
