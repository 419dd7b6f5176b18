import {
  type Expr,
  ExprPool,
  hoist,
  intInputs,
  isView,
  type MapCall,
  MapProgram,
  type MatmulCall,
  type Operand,
  type ReduceCall,
  ReduceProgram,
  RowProgram,
  type RowStage,
  type RowsCall,
  sameLayout,
  sameShape,
  settled,
  topological,
  transplant,
  type View,
} from "@thalweg/kernels";
import { shapeOfReduction } from "./inline";
import type { RecordedCall } from "./recording";

/** Operands of one kernel on the CPU, at most, and buffers of one elsewhere. */
const most = { operands: 24, buffers: 8 };

/** Steps for one element in one kernel, at most: longer expressions do not fit into registers. */
const maxWeight = 300;

/** Whether a kernel can have all of these. */
function areFew(backend: MapCall["backend"], operands: readonly Operand[]): boolean {
  if (backend.device === "cpu") return operands.length <= most.operands;
  return new Set(operands.filter(isView).map(({ storage }) => storage)).size <= most.buffers;
}

/** The operands of two calls together, each view once, and the places of the second's among them. */
class Operands {
  readonly all: Operand[] = [];

  place(operand: Operand): number {
    const isSame = (other: Operand) =>
      isView(operand) &&
      isView(other) &&
      other.storage === operand.storage &&
      sameLayout(other.layout, operand.layout);
    const known = this.all.findIndex(isSame);
    return known >= 0 ? known : this.all.push(operand) - 1;
  }
}

/** The outputs of a map whose elements another call reads at the same places; null if it reads them otherwise. */
function links(
  first: MapCall | RowsCall,
  inputs: readonly Operand[],
  shape: readonly number[],
): number[] | null {
  const result: number[] = [];
  for (const input of inputs) {
    const output = isView(input) ? first.outputs.findIndex(({ storage }) => storage === input.storage) : -1;
    if (output >= 0 && !sameLayout(first.outputs[output]!.layout, (input as View).layout)) return null;
    result.push(output);
  }
  return sameShape(first.outputs[0]!.layout.shape, shape) ? result : null;
}

/** The results of a map in a pool, as another kernel reads them. Null if one is of numbers alone: that is rounded when stored. */
function resultsOf(first: MapCall, pool: ExprPool, operands: Operands): Expr[] | null {
  const isNumber = (input: number) => !isView(first.inputs[input]!);
  const { outputs } = hoist(first.program, isNumber);
  if (
    outputs.some(
      ({ primitive, input }) =>
        primitive === null && (input < 0 || input >= first.program.inputs || isNumber(input)),
    )
  ) {
    return null;
  }
  const places = first.inputs.map((operand) => operands.place(operand));
  const leaf = (input: number, isInt: boolean) => pool.input(places[input]!, isInt);
  const results = first.program.outputs.map((root) => transplant(root, pool, leaf));
  // Compilers for GPUs contract a product and a sum, unless they cannot see through what is between.
  return first.backend.device === "cpu" ? results : results.map(settled);
}

/** What a call reads of a map before it, and how it becomes a part of one kernel with that. */
interface Linked {
  readonly pool: ExprPool;
  /** The operands of both. */
  readonly operands: Operands;
  /** The results of the map. */
  readonly results: readonly Expr[];
  /** The expression of an input of the call: a result, or an operand. */
  readonly leaf: (input: number, isInt: boolean) => Expr;
}

/** The places of the inputs of a call among the operands of both; those that are results of the call before it have none. */
function placesOf(inputs: readonly Operand[], found: readonly number[], operands: Operands): number[] {
  return inputs.map((operand, input) => (found[input]! >= 0 ? -1 : operands.place(operand)));
}

/** The expression of an input in a pool: a result of the call before it, or an operand. */
function leafOf(
  pool: ExprPool,
  found: readonly number[],
  results: readonly Expr[],
  places: readonly number[],
): Linked["leaf"] {
  return (input, isInt) => (found[input]! >= 0 ? results[found[input]!]! : pool.input(places[input]!, isInt));
}

/** A call with these inputs after a map, of which it reads the results `found`; null where a kernel cannot compute both. */
function linked(first: MapCall, inputs: readonly Operand[], found: readonly number[] | null): Linked | null {
  if (found === null) return null;
  const pool = new ExprPool();
  const operands = new Operands();
  const results = resultsOf(first, pool, operands);
  if (results === null) return null;
  return { pool, operands, results, leaf: leafOf(pool, found, results, placesOf(inputs, found, operands)) };
}

export function joinMaps(
  first: MapCall,
  second: MapCall,
  isWanted: (output: View) => boolean,
): MapCall | null {
  const found = links(first, second.inputs, second.outputs[0]!.layout.shape);
  const all = linked(first, second.inputs, found);
  if (all === null) return null;
  const { pool, operands, results, leaf } = all;
  const roots = second.program.outputs.map((root) => transplant(root, pool, leaf));
  const isOverwritten = ({ storage }: View) => second.outputs.some((output) => output.storage === storage);
  const kept = first.outputs.flatMap((output, k) => (isWanted(output) && !isOverwritten(output) ? [k] : []));
  const outputs = [...second.outputs, ...kept.map((k) => first.outputs[k]!)];
  const inputs = operands.all;
  const name = `${first.program.name}, ${second.program.name}`;
  const program = new MapProgram(name, inputs.length, [...roots, ...kept.map((k) => results[k]!)]);
  if (!areFew(second.backend, [...outputs, ...inputs]) || program.weight > maxWeight) return null;
  return { ...second, program, outputs, inputs };
}

/**
 * Whether expressions for a reduction or a row program are too long, or take numbers as only a map does: it computes what
 * depends on numbers alone in float64, and it takes ints.
 */
function takesNumbers(name: string, expressions: readonly Expr[], operands: readonly Operand[]): boolean {
  const isNumber = (input: number) => input < operands.length && !isView(operands[input]!);
  if ([...intInputs(expressions)].some(isNumber)) return true;
  const whole = new MapProgram(name, operands.length, expressions);
  return whole.weight > maxWeight || hoist(whole, isNumber).uniform.length > 0;
}

export function joinReduction(first: MapCall, second: ReduceCall): RecordedCall | null {
  const all = linked(first, second.inputs, links(first, second.inputs, shapeOfReduction(second)));
  if (all === null) return null;
  const { pool, operands, leaf } = all;
  const { program: reduction } = second;
  const map = transplant(reduction.map, pool, leaf);
  const inputs = operands.all;
  if (!areFew(second.backend, [second.out, ...inputs])) return null;
  const name = `${first.program.name}, ${reduction.name}`;
  if (takesNumbers(name, [map], inputs)) return null;
  const program = new ReduceProgram(name, reduction.combine, inputs.length, map, reduction.finish);
  return { call: { ...second, program, inputs } };
}

const itself = new MapProgram("matmul", 1, [new ExprPool().input(0)]);

export function joinEpilogue(first: MatmulCall, second: MapCall): RecordedCall | null {
  const { out, a, b, epilogue } = first;
  const [target] = second.outputs;
  if (second.outputs.length > 1) return null;
  if (!sameShape(out.layout.shape, target!.layout.shape)) return null;
  const before = epilogue?.program ?? itself;
  const isProduct = (operand: Operand) => isView(operand) && operand.storage === out.storage;
  const isOther = (operand: Operand) =>
    isProduct(operand) && !sameLayout((operand as View).layout, out.layout);
  if (second.inputs.some(isOther)) return null;
  const pool = new ExprPool();
  const operands = new Operands();
  operands.all.push(out, ...(epilogue?.operands ?? []));
  const own = transplant(before.outputs[0]!, pool, (input, isInt) => pool.input(input, isInt));
  const product = first.backend.device === "cpu" ? own : settled(own);
  const places = second.inputs.map((operand) => (isProduct(operand) ? -1 : operands.place(operand)));
  const result = transplant(second.program.outputs[0]!, pool, (input, isInt) =>
    places[input]! < 0 ? product : pool.input(places[input]!, isInt),
  );
  const inputs = operands.all;
  const views = [a, b, ...inputs.slice(1)].filter(isView);
  const isClash = (operand: View) => operand.storage === target!.storage || operand.storage === out.storage;
  if (views.some(isClash) || !areFew(first.backend, [target!, a, b, ...inputs])) return null;
  if ([target!, out, ...views].some(({ storage }) => storage.dtype !== "float32")) return null;
  const program = new MapProgram(`${before.name}, ${second.program.name}`, inputs.length, [result]);
  return { call: { ...first, out: target!, epilogue: { program, operands: inputs.slice(1) } } };
}

/** Nodes that a row program may compute again, at most, where several of its stages read what a map computes. */
const maxRepeated = 8;

/** The row program of `rows` with the same expressions but for its inputs, which `leaf` replaces. */
function withInputs(
  { program }: RowsCall,
  pool: ExprPool,
  operands: Operands,
  leaf: (input: number, isInt: boolean) => Expr,
): { readonly stages: RowStage[]; readonly outputs: Expr[] } {
  const own = (root: Expr) =>
    transplant(root, pool, (input, isInt) =>
      input < program.inputs
        ? leaf(input, isInt)
        : pool.input(operands.all.length + input - program.inputs, isInt),
    );
  return {
    stages: program.stages.map((stage) => ({ ...stage, map: own(stage.map) })),
    outputs: program.outputs.map(own),
  };
}

/** The call of a row program with joined expressions; null where a kernel cannot have them. */
function rowsOf(
  call: RowsCall,
  name: string,
  { all }: Operands,
  stages: readonly RowStage[],
  roots: readonly Expr[],
  outputs: readonly View[],
): RowsCall | null {
  if (!areFew(call.backend, [...outputs, ...all])) return null;
  // Along a row elements are neighbours, or one is repeated.
  const isRow = ({ layout: { shape, strides } }: View, isOutput: boolean) =>
    shape[call.dim] === 1 || strides[call.dim] === 1 || (strides[call.dim] === 0 && !isOutput);
  const views = all.filter(isView);
  if (!views.every((view) => isRow(view, false)) || !outputs.every((view) => isRow(view, true))) return null;
  if (views.some(({ storage }) => outputs.some((output) => output.storage === storage))) return null;
  if (takesNumbers(name, [...stages.map(({ map }) => map), ...roots], all)) return null;
  return { ...call, program: new RowProgram(name, all.length, stages, roots), outputs, inputs: all };
}

/** A map before a row program. */
export function joinIntoRows(first: MapCall, second: RowsCall): RowsCall | null {
  const { program } = second;
  const found = links(first, second.inputs, second.outputs[0]!.layout.shape);
  if (found === null) return null;
  const isRead = (root: Expr) => topological([root]).some(({ input }) => (found[input] ?? -1) >= 0);
  const reads = [...program.stages.map(({ map }) => map), ...program.outputs].filter(isRead).length;
  if ((reads - 1) * first.program.weight > maxRepeated) return null;
  const all = linked(first, second.inputs, found);
  if (all === null) return null;
  const { pool, operands, leaf } = all;
  const joined = withInputs(second, pool, operands, leaf);
  const name = `${first.program.name}, ${program.name}`;
  return rowsOf(second, name, operands, joined.stages, joined.outputs, second.outputs);
}

/** A map after a row program. */
export function joinAfterRows(
  first: RowsCall,
  second: MapCall,
  isWanted: (output: View) => boolean,
): RowsCall | null {
  const found = links(first, second.inputs, second.outputs[0]!.layout.shape);
  if (found === null) return null;
  const pool = new ExprPool();
  const operands = new Operands();
  const own = first.inputs.map((operand) => operands.place(operand));
  const places = placesOf(second.inputs, found, operands);
  const before = withInputs(first, pool, operands, (input, isInt) => pool.input(own[input]!, isInt));
  // A number is rounded when it is stored.
  if (before.outputs.some(({ primitive }) => primitive === null)) return null;
  const results = first.backend.device === "cpu" ? before.outputs : before.outputs.map(settled);
  const leaf = leafOf(pool, found, results, places);
  const roots = second.program.outputs.map((root) => transplant(root, pool, leaf));
  const kept = first.outputs.flatMap((output, k) => (isWanted(output) ? [k] : []));
  const outputs = [...second.outputs, ...kept.map((k) => first.outputs[k]!)];
  if ([...outputs, ...operands.all.filter(isView)].some(({ storage }) => storage.dtype !== "float32"))
    return null;
  const name = `${first.program.name}, ${second.program.name}`;
  const all = [...roots, ...kept.map((k) => before.outputs[k]!)];
  return rowsOf(first, name, operands, before.stages, all, outputs);
}
