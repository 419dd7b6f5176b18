import { collapse, lower, type RowProgram } from "@thalweg/kernels";
import { Access } from "../../access";
import { keyOf, maxAccesses, variantOf } from "../../variants";
import { costOf } from "../runtime/cost";
import type { Kernel, MemoryView, Runtime } from "../runtime/runtime";
import { canEmit } from "../vector/expression";
import { rowFrame, rowProgramModule } from "./row-module";

interface Variant {
  readonly kernel: Kernel;
  /** The approximate nanoseconds for one element. */
  readonly cost: number;
}

/**
 * Runs a row program over linear memory. Along `dim`, the elements of every output must be neighbours, and those of
 * every input neighbours or the same element.
 *
 * @returns whether there is a kernel that can do it; if not, nothing is done
 */
export function rows(
  runtime: Runtime,
  program: RowProgram,
  outputs: readonly MemoryView[],
  inputs: readonly MemoryView[],
  dim: number,
): boolean {
  const { shape, size } = outputs[0]!.layout;
  const length = shape[dim]!;
  if (size === 0 || inputs.length > maxAccesses) return false;
  const places = [...outputs, ...inputs];
  const steps = places.map(({ layout }) => (length === 1 ? 1 : layout.strides[dim]!));
  if (steps.some((step, k) => step !== 1 && (step !== 0 || k < outputs.length))) return false;
  const reads = steps.slice(outputs.length).map((step) => (step === 1 ? Access.dense : Access.single));
  const variant = variantOf(program, runtime.tier, keyOf(reads), () => make(runtime, program, reads));
  if (variant === null) return false;
  const layouts = places.map(({ layout }) => layout.select(dim, 0));
  const { extents, strides, offsets } = collapse(layouts[0]!.shape, layouts);
  const items = rowFrame.write(runtime, {
    length,
    step: 4,
    items: {
      bases: { operands: places.map(({ address }, k) => address + 4 * offsets[k]!) },
      extents,
      steps: extents.map((_, d) => ({ operands: strides.map((of) => 4 * of[d]!) })),
    },
  });
  if (items < 0) return false;
  runtime.launch(variant.kernel, items, variant.cost * length);
  return true;
}

function make(runtime: Runtime, program: RowProgram, inputs: readonly Access[]): Variant | null {
  const stages = program.stages.map((stage) => ({ ...stage, map: lower([stage.map])[0]! }));
  const outputs = lower(program.outputs);
  const finishes = stages.map(({ finish }) => finish);
  const maps = stages.map(({ map }) => map);
  if (!canEmit([...maps, ...outputs]) || !canEmit(finishes, "f64x2")) return null;
  let cost = costOf(outputs, [Access.dense, ...inputs]);
  for (const map of maps) cost += costOf([map], inputs);
  return { kernel: runtime.compile(rowProgramModule(stages, outputs, inputs)), cost };
}
