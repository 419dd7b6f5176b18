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
  readBy,
  sameLayout,
  sameShape,
  settled,
  sizeOf,
  transplant,
  type View,
  writtenBy,
} from "@thalweg/kernels";
import { shapeOfReduction } from "./inline";
import type { RecordedCall } from "./recording";
import { type Slot, slotOf } from "./slot";

/** Operands of one kernel on the CPU, at most, and buffers of one elsewhere. */
const most = { operands: 24, buffers: 8 };

/** Steps for one element in one kernel, at most: longer expressions do not fit into registers. */
const maxWeight = 300;

/** Whether a kernel can have all of these. */
function areFew(backend: MapCall["backend"], operands: readonly Operand[]): boolean {
  if (backend.device === "cpu") return operands.length <= most.operands;
  return new Set(operands.filter(isView).map(({ storage }) => storage)).size <= most.buffers;
}

/** The uses of slots by the calls that are there. */
class Uses {
  private readonly readers = new Map<Slot, Set<number>>();
  private readonly writers = new Map<Slot, Set<number>>();

  add(i: number, { call }: RecordedCall): void {
    for (const view of readBy(call)) place(this.readers, slotOf(view)).add(i);
    for (const view of writtenBy(call)) place(this.writers, slotOf(view)).add(i);
  }

  remove(i: number, { call }: RecordedCall): void {
    for (const view of readBy(call)) place(this.readers, slotOf(view)).delete(i);
    for (const view of writtenBy(call)) place(this.writers, slotOf(view)).delete(i);
  }

  readersOf(slot: Slot): ReadonlySet<number> {
    return place(this.readers, slot);
  }

  writersOf(slot: Slot): ReadonlySet<number> {
    return place(this.writers, slot);
  }

  /** Whether a call between two others uses a slot. */
  isUsedBetween(slot: Slot, from: number, to: number, uses: "any" | "writes"): boolean {
    const isBetween = (i: number) => i > from && i < to;
    const found = (all: ReadonlySet<number>) => [...all].some(isBetween);
    return found(this.writersOf(slot)) || (uses === "any" && found(this.readersOf(slot)));
  }
}

function place(map: Map<Slot, Set<number>>, slot: Slot): Set<number> {
  const known = map.get(slot) ?? new Set();
  map.set(slot, known);
  return known;
}

/** The calls with those joined that can be one kernel. The bits stay: nothing is summed in another order. */
export function fused(given: readonly RecordedCall[]): RecordedCall[] {
  const calls: (RecordedCall | null)[] = [...given];
  const uses = new Uses();
  given.forEach((recorded, i) => {
    uses.add(i, recorded);
  });
  for (let i = 0; i < calls.length; i++) {
    // What a call was joined with may be joined with what is before it.
    for (let joined = true; joined; ) {
      joined = false;
      for (const p of producers(calls, uses, i)) {
        const [before, after] = [calls[p]!, calls[i]!];
        const result = join(before, after, p, i, uses);
        if (result === null) continue;
        uses.remove(p, before);
        uses.remove(i, after);
        uses.add(i, result);
        calls[p] = null;
        calls[i] = result;
        joined = true;
        break;
      }
    }
  }
  return calls.filter((call) => call !== null);
}

/** The calls whose results a map or a reduction reads. */
function producers(calls: readonly (RecordedCall | null)[], uses: Uses, i: number): number[] {
  const { call } = calls[i]!;
  if (call.kind !== "map" && call.kind !== "reduce") return [];
  const found: number[] = [];
  for (const view of readBy(call)) {
    const producer = Math.max(...[...uses.writersOf(slotOf(view))].filter((writer) => writer < i));
    if (producer >= 0 && !found.includes(producer)) found.push(producer);
  }
  return found;
}

/** The call with views of this shape, in whose row-major order its elements are; null where a view has none. */
function reshaped(call: MapCall, shape: readonly number[]): MapCall | null {
  const { outputs, inputs } = call;
  const own = outputs[0]!.layout;
  if (sameShape(own.shape, shape)) return call;
  if (own.size !== sizeOf(shape)) return null;
  const replace = ({ storage, layout }: View): View | null => {
    const other = layout.reshape(shape);
    return other && { storage, layout: other };
  };
  const to = outputs.map(replace);
  const from = inputs.map((input) => (isView(input) ? replace(input) : input));
  if ([...to, ...from].includes(null)) return null;
  return { ...call, outputs: to as View[], inputs: from as Operand[] };
}

function join(
  before: RecordedCall,
  given: RecordedCall,
  p: number,
  i: number,
  uses: Uses,
): RecordedCall | null {
  const first = before.call;
  if (given.call.kind === "map" && (first.kind === "map" || first.kind === "matmul")) {
    const call = reshaped(given.call, writtenBy(first)[0]!.layout.shape);
    if (call === null) return null;
    return joinLike(before, { ...given, call, source: given.source ?? given }, p, i, uses);
  }
  return joinLike(before, given, p, i, uses);
}

/** Joins calls whose views have one shape. */
function joinLike(
  before: RecordedCall,
  after: RecordedCall,
  p: number,
  i: number,
  uses: Uses,
): RecordedCall | null {
  const [first, second] = [before.call, after.call];
  if (before.numbers !== undefined || before.drawn !== undefined || before.isAgain || after.isAgain)
    return null;
  if (first.backend !== second.backend || !isOneWidth(first, second)) return null;
  if (first.kind !== "map" && first.kind !== "matmul") return null;
  // The first call runs later from now on: nobody may have overwritten what it reads, nor need what it writes.
  for (const view of readBy(first)) if (uses.isUsedBetween(slotOf(view), p, i, "writes")) return null;
  for (const view of writtenBy(first)) if (uses.isUsedBetween(slotOf(view), p, i, "any")) return null;
  // What the second call overwrites must be the same element for both.
  const areMaps = first.kind === "map" && second.kind === "map";
  for (const { storage, layout } of [...readBy(first), ...writtenBy(first)]) {
    const clashes = (view: View) => view.storage === storage && !(areMaps && sameLayout(view.layout, layout));
    if (writtenBy(second).some(clashes)) return null;
  }
  const isWanted = (output: View) => {
    const slot = slotOf(output);
    return !slot.isInner || [...uses.readersOf(slot)].some((reader) => reader > p && reader !== i);
  };
  if (first.kind === "map" && second.kind === "map") {
    // Numbers that change are told apart by their order.
    if (after.numbers !== undefined && !first.inputs.every(isView)) return null;
    const joined = joinMaps(first, second, isWanted);
    return joined && { ...after, call: joined, source: after.source ?? after };
  }
  if (after.numbers !== undefined) return null;
  if (writtenBy(first).some(isWanted)) return null;
  if (first.kind === "map" && second.kind === "reduce") return joinReduction(first, second);
  if (first.kind === "matmul" && second.kind === "map") return joinEpilogue(first, second);
  return null;
}

/** Whether both are of float64, or neither: between them, results are rounded. */
function isOneWidth(first: RecordedCall["call"], second: RecordedCall["call"]): boolean {
  const views = [first, second].flatMap((call) => [...writtenBy(call), ...readBy(call)]);
  const wide = views.filter(({ storage }) => storage.dtype === "float64").length;
  return wide === 0 || wide === views.length;
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
function links(first: MapCall, inputs: readonly Operand[], shape: readonly number[]): number[] | null {
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

function joinMaps(first: MapCall, second: MapCall, isWanted: (output: View) => boolean): MapCall | null {
  const found = links(first, second.inputs, second.outputs[0]!.layout.shape);
  if (found === null) return null;
  const pool = new ExprPool();
  const operands = new Operands();
  const results = resultsOf(first, pool, operands);
  if (results === null) return null;
  const places = second.inputs.map((operand, input) => (found[input]! >= 0 ? -1 : operands.place(operand)));
  const leaf = (input: number, isInt: boolean) =>
    found[input]! >= 0 ? results[found[input]!]! : pool.input(places[input]!, isInt);
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

function joinReduction(first: MapCall, second: ReduceCall): RecordedCall | null {
  const found = links(first, second.inputs, shapeOfReduction(second));
  if (found === null) return null;
  const pool = new ExprPool();
  const operands = new Operands();
  const results = resultsOf(first, pool, operands);
  if (results === null) return null;
  const { program: reduction } = second;
  const places = second.inputs.map((operand, input) => (found[input]! >= 0 ? -1 : operands.place(operand)));
  const map = transplant(reduction.map, pool, (input, isInt) =>
    found[input]! >= 0 ? results[found[input]!]! : pool.input(places[input]!, isInt),
  );
  const inputs = operands.all;
  if (!areFew(second.backend, [second.out, ...inputs])) return null;
  const name = `${first.program.name}, ${reduction.name}`;
  // A map computes what depends on numbers alone in float64, and it takes ints: a reduction does neither.
  const isNumber = (input: number) => !isView(inputs[input]!);
  if ([...intInputs([map])].some(isNumber)) return null;
  const whole = new MapProgram(name, inputs.length, [map]);
  if (whole.weight > maxWeight || hoist(whole, isNumber).uniform.length > 0) return null;
  const program = new ReduceProgram(name, reduction.combine, inputs.length, map, reduction.finish);
  return { call: { ...second, program, inputs } };
}

const itself = new MapProgram("matmul", 1, [new ExprPool().input(0)]);

function joinEpilogue(first: MatmulCall, second: MapCall): RecordedCall | null {
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
