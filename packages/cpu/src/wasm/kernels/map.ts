import {
  collapse,
  type Evaluator,
  evaluator,
  intInputs,
  type Loops,
  lower,
  type MapProgram,
} from "@thalweg/kernels";
import { Access, accessOf, hoistUniform } from "../../access";
import { keyOf, maxAccesses, variantOf } from "../../variants";
import { costOf } from "../runtime/cost";
import type { Kernel, MemoryView, Runtime } from "../runtime/runtime";
import { canEmit } from "../vector/expression";
import { mapFrame, mapModule } from "./map-module";

/** The number of elements of an item. Longer rows are cut into items. */
const chunk = 8192;

interface Variant {
  readonly kernel: Kernel;
  /** Computes the expressions of numbers alone, in float64. */
  readonly hoisted: Evaluator | undefined;
  /** The inputs that are ints, including those values. */
  readonly ints: ReadonlySet<number>;
  readonly cost: number;
}

const isMemoryView = (operand: MemoryView | number): operand is MemoryView => typeof operand === "object";

/** The variant for these ways to access the operands; null if vectors cannot compute it. */
function make(
  runtime: Runtime,
  program: MapProgram,
  outputs: readonly Access[],
  inputs: readonly Access[],
): Variant | null {
  const { outputs: hoisted, uniform } = hoistUniform(program, inputs);
  const expressions = lower(hoisted);
  if (!canEmit(expressions)) return null;
  const kinds = [...inputs, ...uniform.map(() => Access.number)];
  return {
    kernel: runtime.compile(mapModule(expressions, outputs, kinds)),
    hoisted: uniform.length > 0 ? evaluator(uniform, false) : undefined,
    ints: intInputs(expressions),
    cost: costOf(expressions, [...outputs, ...inputs]),
  };
}

/** The ints or the floats among the inputs, and among the values of expressions of numbers alone. */
function numbersOf(
  { hoisted, ints }: Variant,
  inputs: readonly (MemoryView | number)[],
  isInt: boolean,
): number[] {
  const numbers: number[] = [];
  const give = (value: number, input: number) => {
    if (ints.has(input) === isInt) numbers.push(value);
  };
  inputs.forEach((input, i) => {
    if (!isMemoryView(input)) give(input, i);
  });
  if (hoisted !== undefined) {
    const values = hoisted(inputs.map((input) => (isMemoryView(input) ? 0 : input)));
    for (let k = 0; k < values.length; k++) give(values[k]!, inputs.length + k);
  }
  return numbers;
}

/** The loops with the longest one innermost, if the innermost one is too short for vectors. */
function turned(loops: Loops): Loops {
  const { extents, strides, offsets } = loops;
  const last = extents.length - 1;
  if (last < 1 || extents[last]! >= 8) return loops;
  const longest = extents.indexOf(Math.max(...extents));
  const swap = (values: readonly number[]) =>
    values.with(longest, values[last]!).with(last, values[longest]!);
  return { extents: swap(extents), strides: strides.map(swap), offsets };
}

/**
 * Runs a map over linear memory. Inputs are already broadcast to the shape of the outputs.
 *
 * @returns whether there is a kernel that can do it; if not, nothing is done
 */
export function map(
  runtime: Runtime,
  program: MapProgram,
  outputs: readonly MemoryView[],
  inputs: readonly (MemoryView | number)[],
): boolean {
  const { shape, size } = outputs[0]!.layout;
  if (size === 0) return true;
  if (outputs.length + inputs.length > maxAccesses) return false;
  const places = [...outputs, ...inputs.filter(isMemoryView)];
  const loops = turned(
    collapse(
      shape,
      places.map((place) => place.layout),
    ),
  );
  const n = loops.extents.at(-1) ?? 1;
  const steps = loops.strides.map((strides) => strides.at(-1) ?? 1);
  const ways = steps.map(accessOf);
  let view = outputs.length;
  const reads = inputs.map((input) => (isMemoryView(input) ? ways[view++]! : Access.number));
  const writes = ways.slice(0, outputs.length);
  const variant = variantOf(program, runtime.tier, keyOf(reads, keyOf(writes)), () =>
    make(runtime, program, writes, reads),
  );
  if (variant === null) return false;
  const extents = loops.extents.slice(0, -1);
  const moves = extents.map((_, d) => ({
    left: 0,
    operands: loops.strides.map((strides) => 4 * strides[d]!),
  }));
  if (n > chunk) {
    extents.push(Math.ceil(n / chunk));
    moves.push({ left: -chunk, operands: steps.map((step) => 4 * chunk * step) });
  }
  const operands = places.map(({ address }, k) => address + 4 * loops.offsets[k]!);
  const items = mapFrame.write(runtime, {
    chunk,
    numbers: runtime.numbers(() => numbersOf(variant, inputs, false), false),
    whole: runtime.numbers(() => numbersOf(variant, inputs, true), true),
    steps: steps.map((step) => 4 * step),
    items: { bases: { left: n, operands }, extents, steps: moves },
  });
  if (items < 0) return false;
  runtime.launch(variant.kernel, items, variant.cost * Math.min(n, chunk));
  return true;
}
