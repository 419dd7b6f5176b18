import {
  combineLanes,
  combinerSources,
  compileKernel,
  emit,
  intCombinerSources,
  laneCount,
  literal,
} from "@thalweg/cpu/internal";
import {
  collapse,
  countNodes,
  type Evaluator,
  type Expr,
  evaluator,
  hoist,
  intInputs,
  intNeutral,
  isView,
  Layout,
  type MapProgram,
  neutral,
  type Operand,
  readBy,
  topological,
  type View,
  writtenBy,
} from "@thalweg/kernels";
import { type InlineCall, shapeOfReduction } from "./inline";
import { type Slot, slotOf } from "./slot";

/** The most elements of a slot that become variables. */
const maxVariables = 8;
/** The most steps of a call that is unrolled. */
const maxUnrolled = 16;
/** The most nodes of expressions in one function: engines do not optimize very long ones. */
export const maxNodes = 2000;

/** A call with views of slots, and the views that have their memory. */
export interface InlineStep {
  /** What {@link Segment.setNumbers} finds it by. */
  readonly key: object;
  readonly symbolic: InlineCall;
  readonly call: InlineCall;
  /** Whether its numbers change from call to call. */
  readonly hasNumbers: boolean;
}

/** Small kernels as one function. */
export interface Segment {
  readonly run: () => void;
  /** Sets the numbers among the operands of a step. */
  readonly setNumbers: (key: object, numbers: ArrayLike<number>) => void;
}

/** The numbers of a step, and the expressions of numbers alone in it, as the function reads them. */
interface Numbers {
  readonly values: Float64Array;
  readonly refresh: (numbers: ArrayLike<number>) => void;
}

/** The steps that an unrolled call takes. */
function work(call: InlineCall): number {
  if (call.kind === "map") return call.outputs[0]!.layout.size;
  if (call.kind === "reduce") return shapeOfReduction(call).reduce((size, extent) => size * extent, 1);
  return call.out.layout.size * call.a.layout.shape.at(-1)!;
}

/** The approximate number of nodes of expressions that are emitted for a call. */
export function nodesOf(call: InlineCall): number {
  const times = Math.min(work(call), work(call) <= maxUnrolled ? maxUnrolled : 1);
  if (call.kind === "map") return times * call.program.weight;
  if (call.kind === "reduce") return Math.max(times, laneCount) * (countNodes([call.program.map]) + 1);
  return times * 4 + (call.epilogue?.program.weight ?? 0) * times;
}

/** The positions of all elements of a layout in row-major order. */
function positions({ shape, strides, offset }: Layout): number[] {
  let all = [offset];
  shape.forEach((extent, d) => {
    all = all.flatMap((position) => Array.from({ length: extent }, (_, i) => position + i * strides[d]!));
  });
  return all;
}

/** Slots that no call outside of the segment touches, and no unrolled one, can be variables. */
function variablesOf(steps: readonly InlineStep[], isLocal: (slot: Slot) => boolean): Map<Slot, string> {
  const names = new Map<Slot, string>();
  const refused = new Set<Slot>();
  for (const { symbolic } of steps) {
    const isUnrolled = work(symbolic) <= maxUnrolled;
    for (const view of [...writtenBy(symbolic), ...readBy(symbolic)]) {
      if (!("origin" in view.storage)) continue;
      const slot = slotOf(view);
      if (!isUnrolled || slot.size > maxVariables || !isLocal(slot)) refused.add(slot);
      else if (!names.has(slot)) names.set(slot, `r${names.size}_`);
    }
  }
  for (const slot of refused) names.delete(slot);
  return names;
}

class Emitter {
  readonly views: View[] = [];
  readonly numbers: Numbers[] = [];
  readonly wide: ((...args: number[]) => number)[] = [];
  readonly numbersOf = new Map<object, Numbers>();
  private readonly variables: ReadonlyMap<Slot, string>;
  private readonly arrays = new Map<unknown, string>();
  private readonly lines: string[] = [];
  private count = 0;

  constructor(variables: ReadonlyMap<Slot, string>) {
    this.variables = variables;
  }

  get source(): string {
    const declared = [...this.variables].flatMap(([{ size }, name]) =>
      Array.from({ length: size }, (_, i) => `${name}${i}=0`),
    );
    const head = [...this.arrays.values()].map((name, k) => `const ${name}=V[${k}].storage.array;`).join("");
    const registers = declared.length > 0 ? `let ${declared.join()};` : "";
    return `return ()=>{${head}${registers}${this.lines.join("")}};`;
  }

  /** The array of a view, by the slot or the storage that it is of. */
  private array(symbolic: View, view: View): string {
    const key = symbolic.storage;
    let name = this.arrays.get(key);
    if (name === undefined) {
      name = `a${this.views.push(view) - 1}`;
      this.arrays.set(key, name);
    }
    return name;
  }

  /** The text of the element at a position, which is a number or, in a loop, a text. */
  private element(symbolic: View, view: View, position: number | string): string {
    const variable = this.variables.get(slotOf(symbolic));
    if (variable !== undefined) return `${variable}${position}`;
    return `${this.array(symbolic, view)}[${position}]`;
  }

  add(step: InlineStep): void {
    const { symbolic, call } = step;
    if (symbolic.kind === "map" && call.kind === "map") this.map(step, symbolic, call);
    else if (symbolic.kind === "reduce" && call.kind === "reduce") this.reduce(step, symbolic, call);
    else if (symbolic.kind === "matmul" && call.kind === "matmul") this.matmul(step, symbolic, call);
  }

  /** The texts of the numbers among operands, and of expressions of them, which follow the inputs of the program. */
  private uniform(
    step: InlineStep,
    operands: readonly Operand[],
    expressions: readonly Expr[],
    ints: ReadonlySet<number>,
  ): (input: number) => string {
    const places = operands.flatMap((operand, i) => (typeof operand === "number" ? [i] : []));
    const evaluate: Evaluator | undefined =
      expressions.length > 0 ? evaluator(expressions, false) : undefined;
    const values = new Float64Array(places.length + expressions.length);
    const inputs = new Float64Array(operands.length);
    const refresh = (numbers: ArrayLike<number>) => {
      let isNew = false;
      for (let k = 0; k < places.length; k++) {
        if (Object.is(values[k], numbers[k])) continue;
        isNew = true;
        values[k] = inputs[places[k]!] = numbers[k]!;
      }
      if (isNew && evaluate !== undefined) values.set(evaluate(inputs), places.length);
    };
    values.fill(Number.NaN);
    if (evaluate !== undefined) values.set(evaluate(inputs), places.length);
    refresh(places.map((i) => operands[i] as number));
    const isInt = (k: number) =>
      k < places.length ? ints.has(places[k]!) : expressions[k - places.length]!.isInt;
    const text = (k: number) => {
      if (!step.hasNumbers) return literal(isInt(k) ? values[k]! | 0 : Math.fround(values[k]!));
      return `u${set}_${k}`;
    };
    const set = this.numbers.length;
    if (step.hasNumbers) {
      this.numbers.push({ values, refresh });
      this.numbersOf.set(step.key, { values, refresh });
      for (let k = 0; k < values.length; k++) {
        this.lines.push(
          `const u${set}_${k}=${isInt(k) ? `N[${set}].values[${k}]|0` : `f(N[${set}].values[${k}])`};`,
        );
      }
    }
    return (input) =>
      text(input < operands.length ? places.indexOf(input) : places.length + input - operands.length);
  }

  /** Runs `body` for every index of the loops: unrolled, or in loops. */
  private loop(
    shape: readonly number[],
    layouts: readonly Layout[],
    isUnrolled: boolean,
    body: (positions: readonly (number | string)[]) => void,
  ): void {
    if (isUnrolled) {
      const all = layouts.map(positions);
      const size = shape.reduce((product, extent) => product * extent, 1);
      for (let i = 0; i < size; i++) body(all.map((list) => list[i]!));
      return;
    }
    const { extents, strides, offsets } = collapse(shape, layouts);
    const names = extents.map(() => `i${this.count++}`);
    for (const [d, extent] of extents.entries()) {
      this.lines.push(`for(let ${names[d]}=0;${names[d]}<${extent};${names[d]}++){`);
    }
    body(layouts.map((_, k) => place(offsets[k]!, strides[k]!, names)));
    this.lines.push("}".repeat(extents.length));
  }

  private map(step: InlineStep, symbolic: Extract<InlineCall, { kind: "map" }>, call: typeof symbolic): void {
    this.elementwise(step, call.program, symbolic.outputs, call.outputs, symbolic.inputs, call.inputs);
  }

  private elementwise(
    step: InlineStep,
    program: MapProgram,
    outputs: readonly View[],
    toOutputs: readonly View[],
    inputs: readonly Operand[],
    toInputs: readonly Operand[],
  ): void {
    const hoisted = hoist(program, (input) => typeof inputs[input] === "number");
    const uniform = this.uniform(step, inputs, hoisted.uniform, intInputs(hoisted.outputs));
    const views = inputs.flatMap((input, k) => (isView(input) ? [k] : []));
    const layouts = [...outputs.map(({ layout }) => layout), ...views.map((k) => (inputs[k] as View).layout)];
    const { shape } = outputs[0]!.layout;
    this.loop(shape, layouts, work(step.symbolic) <= maxUnrolled, (at) => {
      const { statements, results } = emit(hoisted.outputs, (input) => {
        const k = views.indexOf(input);
        if (k < 0) return uniform(input);
        return this.element(inputs[input] as View, toInputs[input] as View, at[outputs.length + k]!);
      });
      const stores = results.map((text, k) => `${this.element(outputs[k]!, toOutputs[k]!, at[k]!)}=${text};`);
      this.lines.push(`{${statements}${stores.join("")}}`);
    });
  }

  private reduce(
    step: InlineStep,
    symbolic: Extract<InlineCall, { kind: "reduce" }>,
    call: typeof symbolic,
  ): void {
    const { program, out, inputs, dims } = symbolic;
    const shape = shapeOfReduction(symbolic);
    const isUnrolled = work(symbolic) <= maxUnrolled;
    const { isInt } = program.map;
    const combine = (isInt ? intCombinerSources : combinerSources)[program.combine];
    const round = (text: string) => (isInt ? text : `f(${text})`);
    const start = literal((isInt ? intNeutral : neutral)[program.combine]);
    const uniform = this.uniform(step, inputs, [], intInputs([program.map]));
    const views = inputs.flatMap((input, k) => (isView(input) ? [k] : []));
    const layouts = views.map((k) => (inputs[k] as View).layout);
    const kept = shape.map((_, d) => d).filter((d) => !dims.includes(d));
    const keptShape = kept.map((d) => shape[d]!);
    const innerShape = dims.map((d) => shape[d]!);
    const count = innerShape.reduce((product, extent) => product * extent, 1);
    const value = (at: readonly (number | string)[]) =>
      emit([program.map], (input) => {
        const k = views.indexOf(input);
        if (k < 0) return uniform(input);
        return this.element(inputs[input] as View, call.inputs[input] as View, at[k]!);
      });
    // The kept dimensions outside, with positions that the inner ones are added to.
    const outer = [out.layout.permute(kept), ...layouts.map((layout) => layout.permute(kept))];
    this.loop(keptShape, outer, isUnrolled, (base) => {
      const id = this.count++;
      const lane = (k: number) => `l${id}_${k}`;
      const lanes = Array.from({ length: Math.min(count, laneCount) }, (_, k) => `${lane(k)}=${start}`);
      this.lines.push(`{${lanes.length > 0 ? `let ${lanes.join()};` : ""}`);
      const inner = layouts
        .map((layout) => layout.permute(dims))
        .map(({ shape, strides }) => new Layout(shape, strides));
      const all = inner.map(positions);
      if (isUnrolled || count <= laneCount) {
        for (let r = 0; r < count; r++) {
          const { statements, results } = value(all.map((list, k) => sum(base[k + 1]!, list[r]!)));
          const into = lane(r % laneCount);
          this.lines.push(`{${statements}${into}=${round(combine(into, results[0]!))};}`);
        }
      } else this.laneLoops(count, innerShape, inner, base, lane, value, combine, round);
      const total = combineLanes(
        (k) => (k < count ? lane(k) : start),
        (a, b) => {
          if (b === start) return a;
          const name = `l${this.count++}`;
          this.lines.push(`const ${name}=${round(combine(a, b))};`);
          return name;
        },
      );
      const stored = this.finish(program.finish, count === 0 ? start : total, count);
      const isFloat = out.storage.dtype === "float32";
      this.lines.push(`${this.element(out, call.out, base[0]!)}=${isFloat ? `f(${stored})` : stored};}`);
    });
  }

  /** Combines the elements of a row in loops: eight lanes at a time. */
  private laneLoops(
    count: number,
    shape: readonly number[],
    layouts: readonly Layout[],
    base: readonly (number | string)[],
    lane: (k: number) => string,
    value: (at: readonly (number | string)[]) => { statements: string; results: string[] },
    combine: (a: string, b: string) => string,
    round: (text: string) => string,
  ): void {
    const { extents, strides } = collapse(shape, layouts);
    const isRow = extents.length === 1;
    if (!isRow) {
      // Rows of several loops are unrolled: they are short.
      const all = layouts.map(positions);
      for (let r = 0; r < count; r++) {
        const { statements, results } = value(all.map((list, k) => sum(base[k + 1]!, list[r]!)));
        const into = lane(r % laneCount);
        this.lines.push(`{${statements}${into}=${round(combine(into, results[0]!))};}`);
      }
      return;
    }
    const whole = count - (count % laneCount);
    const i = `i${this.count++}`;
    const at = (r: string, k: number) => sum(base[k + 1]!, times(r, strides[k]![0]!));
    this.lines.push(`for(let ${i}=0;${i}<${whole};${i}+=${laneCount}){`);
    for (let k = 0; k < laneCount; k++) {
      const { statements, results } = value(layouts.map((_, v) => at(`(${i}+${k})`, v)));
      this.lines.push(`{${statements}${lane(k)}=${round(combine(lane(k), results[0]!))};}`);
    }
    this.lines.push("}");
    for (let r = whole; r < count; r++) {
      const { statements, results } = value(layouts.map((_, v) => at(String(r), v)));
      this.lines.push(`{${statements}${lane(r - whole)}=${round(combine(lane(r - whole), results[0]!))};}`);
    }
  }

  /** The text of the finish of a reduction, in float64. */
  private finish(root: Expr, total: string, count: number): string {
    if (root.input === 0) return total;
    const texts = new Map<Expr, string>();
    for (const node of topological([root])) {
      let text: string;
      if (node.primitive === null)
        text = node.input === 0 ? total : literal(node.input === 1 ? count : node.value);
      else {
        const k = this.wide.push(node.primitive.evaluate) - 1;
        text = `W[${k}](${node.args.map((arg) => texts.get(arg)!).join()})`;
      }
      const name = `w${this.count++}`;
      this.lines.push(`const ${name}=${text};`);
      texts.set(node, name);
    }
    return texts.get(root)!;
  }

  private matmul(
    step: InlineStep,
    symbolic: Extract<InlineCall, { kind: "matmul" }>,
    call: typeof symbolic,
  ): void {
    const { out, a, b, epilogue } = symbolic;
    const isUnrolled = work(symbolic) <= maxUnrolled;
    const { shape } = out.layout;
    const terms = a.layout.shape.at(-1)!;
    const rank = shape.length;
    const isInt = out.storage.dtype === "int32";
    // Row i of a goes with every column, and column j of b with every row.
    const left = new Layout(shape, a.layout.strides.with(rank - 1, 0), a.layout.offset);
    const right = new Layout(shape, b.layout.strides.with(rank - 2, 0), b.layout.offset);
    const [stepA, stepB] = [a.layout.strides[rank - 1]!, b.layout.strides[rank - 2]!];
    const product = (x: string, y: string) => (isInt ? `Math.imul(${x},${y})` : `f(${x}*${y})`);
    const added = (x: string, y: string) => (isInt ? `(${x}+${y}|0)` : `f(${x}+${y})`);
    const isDone = terms === 0;
    this.loop(shape, [out.layout, left, right], isUnrolled, ([to, from, by]) => {
      const s = `s${this.count++}`;
      this.lines.push(`{let ${s}=0;`);
      const term = (pa: number | string, pb: number | string) => {
        const text = product(this.element(a, call.a, pa), this.element(b, call.b, pb));
        this.lines.push(`${s}=${added(s, text)};`);
      };
      if (isUnrolled) {
        for (let k = 0; k < terms; k++) term(sum(from!, k * stepA), sum(by!, k * stepB));
      } else if (!isDone) {
        const k = `k${this.count++}`;
        this.lines.push(`for(let ${k}=0;${k}<${terms};${k}++){`);
        term(sum(from!, times(k, stepA)), sum(by!, times(k, stepB)));
        this.lines.push("}");
      }
      this.lines.push(`${this.element(out, call.out, to!)}=${s};}`);
    });
    if (epilogue !== undefined) {
      const operands = [out, ...epilogue.operands];
      const own = [call.out, ...call.epilogue!.operands];
      this.elementwise(step, epilogue.program, [out], [call.out], operands, own);
    }
  }
}

function times(name: string, stride: number): number | string {
  return stride === 0 ? 0 : stride === 1 ? name : `${name}*${stride}`;
}

function sum(a: number | string, b: number | string): number | string {
  if (typeof a === "number" && typeof b === "number") return a + b;
  return a === 0 ? b : b === 0 ? a : `${a}+${b}`;
}

function place(offset: number, strides: readonly number[], names: readonly string[]): number | string {
  return strides.reduce<number | string>((text, stride, d) => sum(text, times(names[d]!, stride)), offset);
}

/** Makes one function of calls that follow one another. `isLocal` says which slots no other call touches. */
export function segmentOf(steps: readonly InlineStep[], isLocal: (slot: Slot) => boolean): Segment {
  const emitter = new Emitter(variablesOf(steps, isLocal));
  for (const step of steps) emitter.add(step);
  const make = compileKernel<(V: unknown, N: unknown, W: unknown) => () => void>(
    ["V", "N", "W"],
    emitter.source,
  );
  return {
    run: make(emitter.views, emitter.numbers, emitter.wide),
    setNumbers: (key, numbers) => emitter.numbersOf.get(key)?.refresh(numbers),
  };
}
