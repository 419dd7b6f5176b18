import {
  countNodes,
  type Expr,
  isView,
  Layout,
  lower,
  type MapCall,
  MapProgram,
  type Operand,
  readBy,
  type Storage,
  substitute,
  topological,
  type View,
  writtenBy,
} from "@thalweg/kernels";
import type { RecordedCall } from "./recording";
import { Slot, slotOf } from "./slot";

/** The steps for one element from which on reading a result is quicker than computing it again. */
const minWeight = 24;

/** Operands of a kernel that may get one more, at most. */
const maxOperands = 16;

/** A value that a map computes for each element. */
interface Known {
  readonly at: number;
  readonly node: Expr;
  /** Where it is kept; null while nobody needs it. */
  view: View | null;
  /** The writes to that memory when it was there. */
  writes: number;
}

/** Numbers the values of expressions: equal ones have the same number wherever they are computed. */
class ValueNumbers {
  private readonly numbers = new Map<string, number>();
  private readonly storages = new Map<Storage, number>();
  private readonly writes = new Map<Slot, number>();

  /** The numbers of all nodes of a program. */
  of({ program, inputs }: MapCall): Map<Expr, number> {
    const found = new Map<Expr, number>();
    for (const node of topological(program.outputs)) {
      const { primitive, args, input, value, isInt } = node;
      let key: string;
      if (primitive !== null) key = `${primitive.name}(${args.map((arg) => found.get(arg)).join()})`;
      else key = `${input >= 0 ? this.operand(inputs[input]!) : exactly(value)} ${isInt}`;
      found.set(node, place(this.numbers, key));
    }
    return found;
  }

  writesTo(slot: Slot): number {
    return this.writes.get(slot) ?? 0;
  }

  write(slot: Slot): void {
    this.writes.set(slot, this.writesTo(slot) + 1);
  }

  private operand(operand: Operand): string {
    // What is made of numbers alone is computed in float64, unlike what is made of constants.
    if (!isView(operand)) return `number ${exactly(operand)}`;
    const { shape, strides, offset } = operand.layout;
    const storage = place(this.storages, operand.storage);
    return `${storage}@${this.writesTo(slotOf(operand))} ${shape} ${strides} ${offset}`;
  }
}

/** A number as text that no other number has. */
const exactly = (value: number) => (Object.is(value, -0) ? "-0" : String(value));

/** The number of a key, which is new if the key is. */
function place<K>(numbers: Map<K, number>, key: K): number {
  const known = numbers.get(key) ?? numbers.size;
  numbers.set(key, known);
  return known;
}

/** The map of a call if it computes the same from the same elements, in float32. */
function mapOf({ call, numbers, drawn, isAgain }: RecordedCall): MapCall | null {
  if (call.kind !== "map" || call.backend.device !== "cpu") return null;
  if (numbers !== undefined || drawn !== undefined || isAgain) return null;
  const views = [...readBy(call), ...writtenBy(call)];
  return views.every(({ storage }) => storage.dtype === "float32") ? call : null;
}

/** Whether each element is another one in memory. */
const isDense = ({ layout: { shape, strides } }: View) =>
  shape.every((extent, d) => extent === 1 || strides[d] !== 0);

/** Whether a value is quicker read than computed again. */
function pays(node: Expr, { inputs }: MapCall): boolean {
  const isOfElements = topological([node]).some(({ input }) => {
    const operand = inputs[input];
    return operand !== undefined && isView(operand) && isDense(operand);
  });
  return isOfElements && !node.isInt && countNodes(lower([node])) >= minWeight;
}

/** The call with one more output, which keeps the value of a node. */
function keeping(call: MapCall, node: Expr, view: View): MapCall {
  const { program, outputs } = call;
  const kept = new MapProgram(program.name, program.inputs, [...program.outputs, node]);
  return { ...call, program: kept, outputs: [...outputs, view] };
}

/** The call with values that it reads in place of computing them. */
function reading(call: MapCall, values: ReadonlyMap<Expr, View>): MapCall {
  const { program, inputs } = call;
  const nodes = [...values.keys()];
  const replace = (node: Expr) => {
    const k = nodes.indexOf(node);
    return k < 0 ? null : node.pool.input(inputs.length + k);
  };
  const roots = program.outputs.map((root) => substitute(root, replace));
  const all = [...inputs, ...values.values()];
  return { ...call, program: new MapProgram(program.name, all.length, roots), inputs: all };
}

/**
 * The calls with maps that read what an earlier one computes on the way, where that is costly, such as the distribution
 * function that both `gelu` and its gradient need: global value numbering. A value is rounded as it is stored, so the bits
 * stay.
 */
export function reusing(given: readonly RecordedCall[]): RecordedCall[] {
  const calls = [...given];
  const numbers = new ValueNumbers();
  const known = new Map<number, Known>();

  const viewOf = (value: Known): View => {
    if (value.view !== null && numbers.writesTo(slotOf(value.view)) === value.writes) return value.view;
    const maker = calls[value.at]!;
    const call = maker.call as MapCall;
    const { layout } = call.outputs[0]!;
    const slot = Slot.of(call.backend, "float32", layout.size);
    slot.writes = 1;
    value.view = { storage: slot as unknown as Storage, layout: Layout.contiguous(layout.shape) };
    value.writes = 0;
    calls[value.at] = { ...maker, call: keeping(call, value.node, value.view) };
    return value.view;
  };

  const reused = (map: MapCall): MapCall => {
    const values = numbers.of(map);
    const found = new Map<Expr, View>();
    const seen = new Set<Expr>();
    const room = maxOperands - map.inputs.length - map.outputs.length;
    const visit = (node: Expr): void => {
      if (node.primitive === null || seen.has(node)) return;
      seen.add(node);
      const value = known.get(values.get(node)!);
      if (value !== undefined && found.size < room && pays(node, map)) found.set(node, viewOf(value));
      else for (const arg of node.args) visit(arg);
    };
    for (const root of map.program.outputs) visit(root);
    return found.size > 0 ? reading(map, found) : map;
  };

  for (const [i, recorded] of given.entries()) {
    const map = mapOf(recorded);
    if (map === null) {
      for (const view of writtenBy(recorded.call)) numbers.write(slotOf(view));
      continue;
    }
    const call = reused(map);
    if (call !== map) calls[i] = { ...recorded, call };
    const values = numbers.of(call);
    for (const view of call.outputs) numbers.write(slotOf(view));
    for (const [node, number] of values) {
      if (node.primitive === null || known.has(number)) continue;
      const view = call.outputs[call.program.outputs.indexOf(node)] ?? null;
      known.set(number, { at: i, node, view, writes: view === null ? 0 : numbers.writesTo(slotOf(view)) });
    }
  }
  return calls;
}
