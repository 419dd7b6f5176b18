import type { Backend, Operand, View } from "../backend/backend";
import { temporarily } from "../backend/scope";
import { Layout } from "../layout/layout";
import type { Expr } from "../scalar/expr";
import { ReduceProgram } from "../scalar/programs/reduce-program";
import { type CompactProgram, compact } from "../scalar/programs/rewrite";
import type { RowProgram, RowStage } from "../scalar/programs/row-program";
import { newTier } from "../scalar/programs/tier";
import { trace } from "../scalar/trace";

const tier = newTier();

/** A stage as separate kernels: a reduction, preceded by a map if the stage keeps its values. */
interface Stage {
  readonly kept: CompactProgram | null;
  readonly reduction: ReduceProgram;
  readonly slots: readonly number[];
}

interface Parts {
  readonly stages: readonly Stage[];
  readonly last: CompactProgram;
}

const itself: Expr = trace(1, (x) => x);

function partsOf(program: RowProgram): Parts {
  const { compiled, name, stages, outputs } = program;
  compiled[tier] ??= [
    { stages: stages.map((stage) => stageOf(name, stage)), last: compact(name, outputs) } satisfies Parts,
  ];
  return compiled[tier][0] as Parts;
}

function stageOf(name: string, { combine, map, finish, keep }: RowStage): Stage {
  const { program, slots } = compact(name, [map]);
  if (keep) {
    const reduction = new ReduceProgram(name, combine, 1, itself, finish);
    return { kept: { program, slots }, reduction, slots: [] };
  }
  const reduction = new ReduceProgram(name, combine, slots.length, program.outputs[0]!, finish);
  return { kept: null, reduction, slots };
}

/**
 * Runs a row program along `dim`: in one pass where the backend can, otherwise stage by stage. Outputs and
 * inputs have the same shape. No output may be an input.
 */
export function rows(
  backend: Backend,
  program: RowProgram,
  outputs: readonly View[],
  inputs: readonly Operand[],
  dim: number,
): void {
  if (outputs[0]!.layout.size === 0 || backend.rows?.(program, outputs, inputs, dim)) return;
  temporarily(() => composed(backend, program, outputs, inputs, dim));
}

function composed(
  backend: Backend,
  program: RowProgram,
  outputs: readonly View[],
  inputs: readonly Operand[],
  dim: number,
): void {
  const first = outputs[0]!;
  const { shape } = first.layout;
  const { stages, last } = partsOf(program);
  const perRow = Layout.contiguous(shape.with(dim, 1));
  const wide = perRow.expand(shape);
  const known: Operand[] = [...inputs];
  const pick = (slots: readonly number[]) => slots.map((slot) => known[slot]!);
  for (const { kept, reduction, slots } of stages) {
    const storage = backend.allocate(first.storage.dtype, perRow.size);
    const result = { storage, layout: perRow };
    if (kept === null) backend.reduce(reduction, result, pick(slots), [dim]);
    else {
      backend.map(kept.program, [first], pick(kept.slots));
      backend.reduce(reduction, result, [first], [dim]);
    }
    known.push({ storage, layout: wide });
  }
  known.push(first);
  backend.map(last.program, outputs, pick(last.slots));
}
