import { type Shape, setCodeGeneration, setWebAssembly, type Tensor } from "@thalweg/tensor";
import { boolean, checkArguments, formatShape, options as optionsOf } from "@thalweg/tensor/internal";
import fc from "fast-check";
import { numRuns as runs, subject } from "./arguments";
import { gradcheck, gradgradcheck } from "./gradcheck";
import type { Law } from "./law";
import {
  drawCall,
  emptyCalls,
  expectClose,
  fail,
  gradients,
  type OpCall,
  run,
  type Subject,
  specialCall,
} from "./op-call";

/** Adds the call to a check's error. */
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

/** For float32 on the CPU. */
const tolerance = { relative: 4e-6, absolute: 2e-6 };

function expectReference(call: OpCall, op: Subject): void {
  const wide = call.inputs.map((x) => x.to("float64"));
  const [a, b] = [run(op, call.inputs, call.attrs), run(op, wide, call.attrs)];
  expectClose(call, a.dataSync(), b.dataSync(), tolerance, "float32");
}

/** Options of {@link opLaws}. */
export interface OpLawOptions {
  /** Sample runs of each property; 30 unless given. */
  readonly numRuns?: number;
  /** Whether to test second derivatives; true unless given. */
  readonly secondOrder?: boolean;
}

const signature = {
  op: subject,
  options: optionsOf<OpLawOptions>({ numRuns: runs, secondOrder: boolean }),
};

type Check = (predicate: (call: OpCall) => void, runs?: number) => void;

/** Layouts, tiers and types do not change the result. */
function bitLaws(op: Subject, check: Check): Law[] {
  return [
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
      run: () => check((call) => expectReference(call, op)),
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
}

/** Shapes, special values and empty tensors. */
function valueLaws(op: Subject, check: Check): Law[] {
  const laws: Law[] = [];
  if (op.kind !== "composite") {
    laws.push({
      name: "predicts its shape",
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
    });
  }
  if (op.kind === "map") {
    laws.push(
      {
        name: "treats NaN, infinities and zeros as the reference does",
        run: () => expectReference(specialCall(op), op),
      },
      { name: "takes empty tensors", run: () => emptyTensors(op) },
    );
  }
  return laws;
}

/** Derivatives agree with finite differences. */
function derivativeLaws(op: Subject, check: Check, numRuns: number, secondOrder: boolean): Law[] {
  const laws: Law[] = [];
  if (!op.differentiable) return laws;
  const differentiate =
    (attrs: unknown) =>
    (...inputs: Tensor[]) =>
      run(op, inputs, attrs);
  laws.push({
    name: "has the gradient of finite differences",
    run: () =>
      check((call) => {
        const f = relaidOut(call, differentiate(call.attrs));
        explained(call, () => gradcheck(f, call.inputs, { inputs: call.smooth, allowAllKinks: true }));
      }),
  });
  if (secondOrder) {
    laws.push({
      name: "has the second derivative of finite differences",
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

/**
 * The requirements on every operation, and every function made of operations, as properties over random shapes, broadcasts
 * and layouts, generated from its record: its shape rule predicts the shape, its gradient and that gradient's own agree with
 * central differences in float64, strided inputs give the same bits as dense ones, float32 agrees with the float64
 * reference, and interpreted kernels give the bits of generated ones.
 */
export function opLaws(op: Subject, options: OpLawOptions = {}): Law[] {
  checkArguments("opLaws", signature, [op, options]);
  const { numRuns = 30, secondOrder = true } = options;
  const check: Check = (predicate, runs = numRuns) =>
    fc.assert(
      fc.property(fc.gen(), (g) => predicate(drawCall(g, op))),
      { numRuns: runs },
    );
  return [...bitLaws(op, check), ...valueLaws(op, check), ...derivativeLaws(op, check, numRuns, secondOrder)];
}

/** Empty inputs give empty results and gradients. */
function emptyTensors(op: Subject): void {
  for (const call of emptyCalls(op)) {
    const shape = call.inputs[0]!.shape;
    const found = [run(op, call.inputs, undefined), ...(op.differentiable ? gradients(op, call) : [])];
    for (const x of found) {
      if (x !== null && formatShape(x.shape) !== formatShape(shape))
        fail(call, `shape ${formatShape(x.shape)}`);
    }
  }
}

/** Gives dense leaves the strides of the call's inputs, expanded dimensions included. */
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
