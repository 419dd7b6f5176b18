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
import type { RecordedCall } from "./recording";
import { inputsThrough } from "./through";

/** Operands of one kernel on the CPU, at most, and buffers of one elsewhere. */
const most = { operands: 24, buffers: 8 };

/** Steps for one element in one kernel, at most: longer expressions do not fit into registers. */
const maxWeight = 300;

/** Elements for which it does not matter how they lie in memory: they stay in the cache. */
const maxCached = 4096;

/** The nanoseconds of a launch, of a step for an element, and of an element that is written and read, which takes some steps, too. */
const costs = { launch: { cpu: 300, others: 5000 }, step: 0.02, memory: 0.12 };

/** Whether elements that follow one another are apart in memory. */
function isStrided({ layout: { shape, strides } }: View): boolean {
  const inner = shape.findLastIndex((extent) => extent > 1);
  return inner >= 0 && Math.abs(strides[inner]!) > 1;
}

/** The elements of a view that a kernel computes: what does not change along a row, it computes once. */
function computed({ layout: { shape, strides, size } }: View): number {
  const varying = strides.findLastIndex((stride, d) => stride !== 0 && shape[d]! > 1);
  return shape.slice(varying + 1).reduce((rest, extent) => rest / extent, size);
}

/** What a call reads of a map before it through a view, and what the map reads for that. */
interface Read {
  readonly view: View;
  readonly output: number;
  readonly inputs: readonly Operand[];
  /** Whether it reads the elements in the order in which the map writes them. */
  readonly isSame: boolean;
}

/** What inputs of a call read of a map before it; null where it is not to be had from the inputs of the map. */
function readsOf(first: MapCall, inputs: readonly Operand[]): (Read | undefined)[] | null {
  const reads: (Read | undefined)[] = [];
  for (const [i, output] of outputsRead(first, inputs).entries()) {
    if (output < 0) continue;
    const view = inputs[i] as View;
    const written = first.outputs[output]!;
    const isSame = sameLayout(written.layout, view.layout);
    const through = isSame ? first.inputs : inputsThrough(first, written, view);
    if (through === null) return null;
    reads[i] = { view, output, inputs: through, isSame };
  }
  return Array.from(inputs, (_, i) => reads[i]);
}

/**
 * Whether one kernel pays for a map and a call that reads its results: it computes an element again for each that reads it,
 * and may read inputs of the map in another order.
 */
function pays(
  { backend, program, outputs }: MapCall,
  reads: readonly (Read | undefined)[],
  isCopy: boolean,
): boolean {
  const all = reads.filter((read) => read !== undefined);
  const { size } = outputs[0]!.layout;
  const different = all.filter(
    ({ view }, i) => all.findIndex((read) => sameLayout(read.view.layout, view.layout)) === i,
  );
  const again = different.reduce((sum, { view }) => sum + computed(view), -size);
  const saved = costs.launch[backend.device === "cpu" ? "cpu" : "others"] + costs.memory * size;
  if (again > 0 && again * (costs.step * program.weight - costs.memory) > saved) return false;
  const others = all.filter(({ isSame, view }) => !isSame && view.layout.size > maxCached);
  const before = others.filter(({ view }) => isStrided(view)).length;
  const after = others.flatMap(({ inputs }) => inputs.filter((input) => isView(input) && isStrided(input)));
  // Kernels that only move elements transpose them in blocks.
  return after.length <= (isCopy ? 0 : before);
}

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

/** The outputs of a call of which the inputs of another are views; -1 for an input that is none. */
function outputsRead(first: MapCall | RowsCall, inputs: readonly Operand[]): number[] {
  return inputs.map((input) =>
    isView(input) ? first.outputs.findIndex(({ storage }) => storage === input.storage) : -1,
  );
}

/** The outputs of a call whose elements another one reads at the same places; null if it reads them otherwise. */
function links(first: RowsCall, inputs: readonly Operand[], shape: readonly number[]): number[] | null {
  const found = outputsRead(first, inputs);
  const isSame = found.every(
    (output, i) => output < 0 || sameLayout(first.outputs[output]!.layout, (inputs[i] as View).layout),
  );
  return isSame && sameShape(first.outputs[0]!.layout.shape, shape) ? found : null;
}

/** The results of a map in a pool, as another kernel reads them. */
class Results {
  /** The places of the map's numbers, each of which is there once. */
  private readonly numbers = new Map<number, number>();
  private readonly first: MapCall;
  private readonly pool: ExprPool;
  private readonly operands: Operands;

  constructor(first: MapCall, pool: ExprPool, operands: Operands) {
    this.first = first;
    this.pool = pool;
    this.operands = operands;
  }

  /** Whether none is of numbers alone: that is rounded when stored. */
  get areOfElements(): boolean {
    const { program, inputs } = this.first;
    const isNumber = (input: number) => !isView(inputs[input]!);
    return hoist(program, isNumber).outputs.every(
      ({ primitive, input }) =>
        primitive !== null || (input >= 0 && input < program.inputs && !isNumber(input)),
    );
  }

  /** The result for these inputs. */
  get(output: number, inputs: readonly Operand[]): Expr {
    const { first, pool, operands, numbers } = this;
    const places = inputs.map((operand, i) => {
      const place = numbers.get(i) ?? operands.place(operand);
      if (!isView(operand)) numbers.set(i, place);
      return place;
    });
    const root = first.program.outputs[output]!;
    const result = transplant(root, pool, (input, isInt) => pool.input(places[input]!, isInt));
    // Compilers for GPUs contract a product and a sum, unless they cannot see through what is between.
    return first.backend.device === "cpu" ? result : settled(result);
  }
}

/** What a call reads of a map before it, and how it becomes a part of one kernel with that. */
interface Linked {
  readonly pool: ExprPool;
  /** The operands of both. */
  readonly operands: Operands;
  readonly results: Results;
  /** The expression of an input of the call: a result, or an operand. */
  readonly leaf: (input: number, isInt: boolean) => Expr;
}

/** A call with these inputs after a map, some of whose results it reads; null where a kernel cannot compute both, or pays. */
function linked(
  first: MapCall,
  inputs: readonly Operand[],
  isCopy: boolean,
  written: readonly View[] = [],
): Linked | null {
  const pool = new ExprPool();
  const operands = new Operands();
  const results = new Results(first, pool, operands);
  if (!results.areOfElements) return null;
  const reads = readsOf(first, inputs);
  if (reads === null || !pays(first, reads, isCopy)) return null;
  const roots = reads.map((read) => read && results.get(read.output, read.inputs));
  // What the call overwrites must be the same element for both.
  const clashes = (operand: Operand) =>
    isView(operand) &&
    written.some(({ storage, layout }) => storage === operand.storage && !sameLayout(layout, operand.layout));
  if (operands.all.some(clashes)) return null;
  const places = inputs.map((operand, input) => (roots[input] === undefined ? operands.place(operand) : -1));
  const leaf = (input: number, isInt: boolean) => roots[input] ?? pool.input(places[input]!, isInt);
  return { pool, operands, results, leaf };
}

export function joinMaps(
  first: MapCall,
  second: MapCall,
  isWanted: (output: View) => boolean,
): MapCall | null {
  const isOverwritten = ({ storage }: View) => second.outputs.some((output) => output.storage === storage);
  const kept = first.outputs.flatMap((output, k) => (isWanted(output) && !isOverwritten(output) ? [k] : []));
  const { shape } = second.outputs[0]!.layout;
  if (kept.length > 0 && !sameShape(first.outputs[0]!.layout.shape, shape)) return null;
  const outputs = [...second.outputs, ...kept.map((k) => first.outputs[k]!)];
  const all = linked(first, second.inputs, second.program.copies, outputs);
  if (all === null) return null;
  const { pool, operands, results, leaf } = all;
  const roots = second.program.outputs.map((root) => transplant(root, pool, leaf));
  const wanted = kept.map((k) => results.get(k, first.inputs));
  const inputs = operands.all;
  const name = `${first.program.name}, ${second.program.name}`;
  const program = new MapProgram(name, inputs.length, [...roots, ...wanted]);
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
  const all = linked(first, second.inputs, false);
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
  if ([...outputs, ...views].some(({ storage }) => storage.dtype !== "float32")) return null;
  if (takesNumbers(name, [...stages.map(({ map }) => map), ...roots], all)) return null;
  return { ...call, program: new RowProgram(name, all.length, stages, roots), outputs, inputs: all };
}

/** A map before a row program. */
export function joinIntoRows(first: MapCall, second: RowsCall): RowsCall | null {
  const { program } = second;
  const found = outputsRead(first, second.inputs);
  const isRead = (root: Expr) => topological([root]).some(({ input }) => (found[input] ?? -1) >= 0);
  const reads = [...program.stages.map(({ map }) => map), ...program.outputs].filter(isRead).length;
  if ((reads - 1) * first.program.weight > maxRepeated) return null;
  const all = linked(first, second.inputs, false);
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
  const places = second.inputs.map((operand, input) => (found[input]! < 0 ? operands.place(operand) : -1));
  const before = withInputs(first, pool, operands, (input, isInt) => pool.input(own[input]!, isInt));
  // A number is rounded when it is stored.
  if (before.outputs.some(({ primitive }) => primitive === null)) return null;
  const results = first.backend.device === "cpu" ? before.outputs : before.outputs.map(settled);
  const leaf = (input: number, isInt: boolean) => results[found[input]!] ?? pool.input(places[input]!, isInt);
  const roots = second.program.outputs.map((root) => transplant(root, pool, leaf));
  const kept = first.outputs.flatMap((output, k) => (isWanted(output) ? [k] : []));
  const outputs = [...second.outputs, ...kept.map((k) => first.outputs[k]!)];
  const name = `${first.program.name}, ${second.program.name}`;
  const all = [...roots, ...kept.map((k) => before.outputs[k]!)];
  return rowsOf(first, name, operands, before.stages, all, outputs);
}
