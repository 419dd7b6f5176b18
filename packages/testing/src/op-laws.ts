import { enableGrad, grad } from "@thalweg/autograd";
import {
  apply,
  formatShape,
  type Input,
  type InputSample,
  type Op,
  type Shape,
  setCodeGeneration,
  setWebAssembly,
  type Tensor,
  tensor,
} from "@thalweg/tensor";
import fc from "fast-check";
import { layouts } from "./arbitraries";
import { drawFrom, drawInput } from "./draw";
import { gradcheck, gradgradcheck } from "./gradcheck";
import type { Law } from "./optimizer-laws";

/** A random call of an operation: float32 inputs in random layouts. */
interface OpCall {
  readonly inputs: readonly Tensor[];
  readonly attrs: unknown;
  /** Positions of the inputs that can be differentiated. */
  readonly smooth: readonly number[];
}

const maximalError = { relative: 4e-6, absolute: 2e-6 };

/** Reads an input through a stride of 0: the first position of a dimension, repeated. */
function expanded(x: Tensor, dim: number): Tensor {
  return x.ndim === 0 || x.size === 0 ? x : x.narrow(dim % x.ndim, 0, 1).expand(x.shape);
}

function isSmooth({ domain }: InputSample): boolean {
  return domain?.whole !== true;
}

function drawCall(g: fc.GeneratorValue, op: Op): OpCall {
  const sample = op.sample(drawFrom(g));
  const inputs = sample.inputs.map((input) => {
    const x = drawInput(g, input);
    // Equal elements would tie where an operation wants them apart.
    const repeat = input.domain?.distinct !== true && g(fc.integer, { min: 0, max: 4 }) === 0;
    return g(layouts)(repeat ? expanded(x, g(fc.nat, { max: 3 })) : x);
  });
  return {
    inputs,
    attrs: sample.attrs,
    smooth: sample.inputs.flatMap((input, i) => (isSmooth(input) ? [i] : [])),
  };
}

function run(op: Op, inputs: readonly Input[], attrs: unknown): Tensor {
  return apply(op, [...inputs], attrs);
}

function show({ inputs, attrs }: OpCall): string {
  const text = inputs.map(
    (x) => `${formatShape(x.shape)} strides ${formatShape(x.strides)} ${JSON.stringify(x.toArray())}`,
  );
  return `${text.join(" and ")}, ${JSON.stringify(attrs)}`;
}

function fail(call: OpCall, problem: string): never {
  throw new Error(`${problem}\nfor ${show(call)}`);
}

/** Adds the call to what a check says. */
function explained(call: OpCall, check: () => void): void {
  try {
    check();
  } catch (error) {
    fail(call, (error as Error).message);
  }
}

function expectSameBits(call: OpCall, actual: Tensor, expected: Tensor, what: string): void {
  const [a, b] = [actual.dataSync(), expected.dataSync()];
  if (formatShape(actual.shape) !== formatShape(expected.shape)) {
    fail(call, `${what}: shape ${formatShape(actual.shape)} is not ${formatShape(expected.shape)}`);
  }
  a.forEach((value, i) => {
    if (!Object.is(value, b[i]) && value !== b[i])
      fail(call, `${what}: element ${i} is ${value}, not ${b[i]}`);
  });
}

function expectClose(call: OpCall, actual: Tensor, expected: Tensor): void {
  const [a, b] = [actual.dataSync(), expected.dataSync()];
  const scale = Math.max(
    1,
    ...call.inputs.flatMap((x) => Array.from(x.dataSync(), Math.abs).filter(Number.isFinite)),
  );
  a.forEach((value, i) => {
    const reference = Math.fround(b[i]!);
    const bound = maximalError.relative * Math.abs(reference) + maximalError.absolute * scale;
    if (Object.is(value, reference) || value === reference) return;
    if (!(Math.abs(value - reference) <= bound))
      fail(call, `float32 gives ${value} at ${i}, the reference ${b[i]}`);
  });
}

/** Gradients of all smooth inputs of a weighted sum of the result. */
function gradients(op: Op, call: OpCall): (Tensor | null)[] {
  const leaves = call.inputs.map((x, i) => {
    const leaf = x.detach();
    if (call.smooth.includes(i)) leaf.requiresGrad = true;
    return leaf;
  });
  return enableGrad(() => {
    const y = run(op, leaves, call.attrs);
    const seed = tensor(
      Float32Array.from({ length: y.size }, (_, i) => 1 + (i % 3)),
      { shape: y.shape, dtype: y.dtype },
    );
    const targets = call.smooth.map((i) => leaves[i]!);
    return grad(y, targets, { gradOutputs: seed, allowUnused: true as const });
  });
}

/** Options of {@link opLaws}. */
export interface OpLawOptions {
  /** Sample runs of each property; 30 unless given. */
  readonly numRuns?: number;
  /** Leave out second derivatives. */
  readonly secondOrder?: boolean;
}

/**
 * What every operation has to keep, as properties over random shapes, broadcasts and layouts, generated from
 * its record: its shape rule tells the shape, its gradient and the gradient of that agree with central
 * differences in float64, strided inputs give the bits that dense ones give, float32 agrees with the float64
 * reference, and interpreted kernels give the bits of generated ones.
 */
export function opLaws(op: Op, { numRuns = 30, secondOrder = true }: OpLawOptions = {}): Law[] {
  const check = (predicate: (call: OpCall) => void, runs = numRuns) =>
    fc.assert(
      fc.property(fc.gen(), (g) => predicate(drawCall(g, op))),
      { numRuns: runs },
    );
  const laws: Law[] = [
    {
      name: "tells its shape",
      run: () =>
        check((call) => {
          const told = op.shape(
            call.inputs.map((x) => x.shape),
            call.attrs,
          );
          const found = run(op, call.inputs, call.attrs).shape;
          if (formatShape(told) !== formatShape(found))
            fail(call, `the rule says ${formatShape(told)}, not ${formatShape(found)}`);
        }),
    },
    {
      name: "gives the same bits for strided and dense inputs",
      run: () =>
        check((call) => {
          const dense = { ...call, inputs: call.inputs.map((x) => x.clone()) };
          expectSameBits(
            call,
            run(op, call.inputs, call.attrs),
            run(op, dense.inputs, call.attrs),
            "strided",
          );
          if (!op.differentiable || call.smooth.length === 0) return;
          const [a, b] = [gradients(op, call), gradients(op, dense)];
          a.forEach((g, i) => {
            if (g !== null) expectSameBits(call, g, b[i]!, "strided gradient");
          });
        }),
    },
    {
      name: "agrees with the float64 reference",
      run: () =>
        check((call) => {
          const wide = call.inputs.map((x) => x.to("float64"));
          expectClose(call, run(op, call.inputs, call.attrs), run(op, wide, call.attrs));
        }),
    },
    {
      name: "gives the same bits without generated code",
      run: () =>
        check((call) => {
          const allowed = setWebAssembly("never");
          const generated = run(op, call.inputs, call.attrs);
          const before = setCodeGeneration(false);
          try {
            expectSameBits(call, run(op, call.inputs, call.attrs), generated, "interpreted");
          } finally {
            setCodeGeneration(before);
            setWebAssembly(allowed);
          }
        }),
    },
    {
      name: "gives the same bits in WebAssembly and in JavaScript, gradients included",
      run: () =>
        check((call) => {
          const all = () => [
            run(op, call.inputs, call.attrs),
            ...(op.differentiable ? gradients(op, call) : []),
          ];
          const before = setWebAssembly("never");
          try {
            const expected = all();
            setWebAssembly("always");
            all().forEach((x, i) => {
              if (x !== null)
                expectSameBits(call, x, expected[i]!, i === 0 ? "WebAssembly" : `gradient ${i - 1}`);
            });
          } finally {
            setWebAssembly(before);
          }
        }),
    },
  ];
  if (op.kind === "map") {
    laws.push(
      { name: "treats NaN, infinities and zeros as the reference does", run: () => specialValues(op) },
      { name: "takes empty tensors", run: () => emptyTensors(op) },
    );
  }
  if (!op.differentiable) return laws;
  const differentiate =
    (attrs: unknown) =>
    (...inputs: Tensor[]) =>
      run(op, inputs, attrs);
  laws.push({
    name: "has the gradient that differences show",
    run: () =>
      check((call) => {
        const f = relaidOut(call, differentiate(call.attrs));
        explained(call, () => gradcheck(f, call.inputs, { inputs: call.smooth, allowAllKinks: true }));
      }),
  });
  if (secondOrder) {
    laws.push({
      name: "has the second derivative that differences show",
      run: () =>
        check(
          (call) => {
            const f = relaidOut(call, differentiate(call.attrs));
            explained(call, () =>
              gradgradcheck(f, call.inputs, { inputs: call.smooth, allowAllKinks: true }),
            );
          },
          Math.ceil(numRuns / 3),
        ),
    });
  }
  return laws;
}

const special = [
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  0,
  -0,
  1,
  -1,
  0.5,
  1e4,
  -1e4,
];

/** Every combination of special values, in float32 and in the reference. */
function specialValues(op: Op): void {
  const arity = op.sample(drawFrom(fc.sample(fc.gen(), 1)[0]!)).inputs.length;
  const shape = new Array<number>(arity).fill(special.length);
  const inputs = shape.map((extent, d) =>
    tensor(special, { shape: shape.map((_, k) => (k === d ? extent : 1)) }).expand(shape),
  );
  const call = { inputs, attrs: undefined, smooth: [] };
  const wide = inputs.map((x) => x.to("float64"));
  expectClose(call, run(op, inputs, undefined), run(op, wide, undefined));
}

/** Nothing in, nothing out, and a gradient of nothing. */
function emptyTensors(op: Op): void {
  const arity = op.sample(drawFrom(fc.sample(fc.gen(), 1)[0]!)).inputs.length;
  for (const shape of [[0], [2, 0], [0, 3, 1]]) {
    const inputs = Array.from({ length: arity }, () => tensor([], { shape }));
    const call = { inputs, attrs: undefined, smooth: inputs.map((_, i) => i) };
    const found = [run(op, inputs, undefined), ...(op.differentiable ? gradients(op, call) : [])];
    for (const x of found) {
      if (x !== null && formatShape(x.shape) !== formatShape(shape))
        fail(call, `shape ${formatShape(x.shape)}`);
    }
  }
}

/** Gives dense leaves the strides that the inputs of the call had, repeated dimensions included. */
function relaidOut(call: OpCall, f: (...inputs: Tensor[]) => Tensor) {
  return (...leaves: Tensor[]) =>
    f(...leaves.map((x, i) => stridedAs(x, call.inputs[i]?.strides ?? [], x.shape)));
}

function stridedAs(x: Tensor, strides: readonly number[], shape: Shape): Tensor {
  if (x.size === 0) return x;
  let y = x;
  strides.forEach((stride, d) => {
    if (stride === 0 && shape[d]! > 1) y = y.narrow(d, 0, 1).expand(shape);
  });
  // Order of the dimensions by stride, and direction.
  const order = shape.map((_, d) => d).sort((a, b) => Math.abs(strides[b] ?? 0) - Math.abs(strides[a] ?? 0));
  if (strides.some((stride) => stride === 0)) return y;
  const back = order.map((_, d) => order.indexOf(d));
  const backwards = strides.flatMap((stride, d) => (stride < 0 ? [d] : []));
  const stored = y.permute(order).contiguous().permute(back);
  return backwards.length === 0 ? stored : stored.flip(backwards).contiguous().flip(backwards);
}
