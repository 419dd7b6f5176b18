import { fc } from "@fast-check/vitest";
import type { DType, View } from "@thalweg/kernels";
import { Layout } from "@thalweg/kernels";
import { setWebAssembly } from "../src/accelerator";
import { cpu } from "../src/cpu";
import type { CpuStorage } from "../src/storage";
import { stageEnd } from "../src/wasm/runtime/addresses";
import type { HeapArray } from "../src/wasm/runtime/linear-memory";
import { type Kernel, type MemoryView, Runtime } from "../src/wasm/runtime/runtime";

/** A runtime that runs the items of a kernel in parts, cut anywhere and in any order. */
class Partitioned extends Runtime {
  /** Draws a number below 1. */
  random = Math.random;

  override launch(kernel: Kernel, items: number): void {
    const cuts = [0, items];
    for (let i = 0; i < 4; i++) cuts.push(Math.floor(this.random() * (items + 1)));
    cuts.sort((a, b) => a - b);
    const parts = cuts.slice(1).map((to, i) => [cuts[i]!, to] as const);
    parts.sort(() => this.random() - 0.5);
    for (const [from, to] of parts) kernel.run(1024, from, to);
  }
}

export const runtime = new Partitioned({ shared: false, maximum: 2 ** 26, budget: 2 ** 25, start: 2 ** 22 });

// The kernels to compare with have to be JavaScript.
setWebAssembly("never");

const guard = Math.fround(-12345.678);
const guards = 16;

/** Elements in linear memory, and the same elements in an ordinary array. */
export interface Twin {
  readonly linear: MemoryView;
  readonly view: View;
}

/** Puts arrays into the memory one after another, each between words that no kernel may write. */
export class Memory {
  private readonly start: number;
  private top: number;
  private readonly twins: { at: number; data: HeapArray }[] = [];

  constructor(seed: number) {
    let state = seed + 1;
    runtime.random = () => {
      state = (state * 48271) % 0x7fffffff;
      return state / 0x7fffffff;
    };
    this.start = stageEnd / 4 + (seed % 4);
    this.top = this.start;
    runtime.floats.fill(guard, this.start, this.start + 400_000);
  }

  /** @param dtype float32 or int32, as the array, unless given */
  put(
    data: HeapArray,
    layout = Layout.contiguous([data.length]),
    dtype: DType = data instanceof Int32Array ? "int32" : "float32",
  ): Twin {
    const at = this.top + guards;
    const { words, floats } = runtime;
    (data instanceof Int32Array ? words : floats).set(data, at);
    this.top = at + data.length + guards;
    const storage = cpu.upload(dtype, data);
    this.twins.push({ at, data: (storage as CpuStorage).array as HeapArray });
    const linear = { address: 4 * at, layout, isInt: data instanceof Int32Array };
    return { linear, view: { storage, layout } };
  }

  /** The places where the memory differs from the expected arrays and the words around them. */
  differences(): string[] {
    const found: string[] = [];
    // All NaN are equal; zeros must have the same sign.
    const compare = (position: number, is: number, wanted: number) => {
      if (!Object.is(is, wanted)) found.push(`${this.nameOf(position)}: ${is} instead of ${wanted}`);
    };
    const { words, floats } = runtime;
    let position = this.start;
    const compareGuards = (end: number) => {
      for (; position < end; position++) compare(position, floats[position]!, guard);
    };
    for (const { at, data } of this.twins) {
      compareGuards(at);
      const array = data instanceof Int32Array ? words : floats;
      for (const wanted of data) compare(position, array[position++]!, wanted);
    }
    compareGuards(this.top);
    return found.slice(0, 10);
  }

  private nameOf(position: number): string {
    const k = this.twins.findLastIndex(({ at }) => at <= position);
    return `array ${k} [${position - (this.twins[k]?.at ?? 0)}]`;
  }
}

const special = [0, -0, 1, -1, 0.5, 1.5, -2.5, 1e-30, 1e30, Number.NaN, Number.POSITIVE_INFINITY, -1e-40];

/** Floats of all kinds, made from few random draws. */
export function floats(length: number, seed: number, range = 4): Float32Array {
  let state = seed + 7;
  const draw = () => {
    state = (state * 48271) % 0x7fffffff;
    return state / 0x7fffffff;
  };
  return Float32Array.from({ length }, () => {
    if (seed % 3 === 0 && draw() < 0.1) return special[Math.floor(draw() * special.length)]!;
    return (draw() * 2 - 1) * range;
  });
}

const extremes = [0, 1, -1, 2, 7, 2 ** 24 + 1, 2 ** 31 - 1, -(2 ** 31), 46341, 65536];

/** Elements of a type, of all kinds, many of them by few draws. */
export function elements(dtype: DType, length: number, seed: number, range = 4): HeapArray {
  if (dtype === "float32") return floats(length, seed, range);
  const draws = floats(length, 3 * seed + 1, 2 ** 31);
  if (dtype === "bool") return Int32Array.from(draws, (x) => Number(x > 0));
  return Int32Array.from(draws, (x, i) => {
    if (i % 3 === 0) return extremes[Math.abs(Math.trunc(x)) % extremes.length]!;
    return i % 3 === 1 ? x : x / 2 ** 28;
  });
}

/** The arrangement of an operand's elements in memory, for any shape. */
export interface Laying {
  /** Some dimensions may be broadcast. */
  readonly broadcast: readonly boolean[];
  readonly order: number;
  readonly flip: readonly boolean[];
  /** Elements between neighbours of the innermost dimension, less 1. */
  readonly gap: number;
  readonly offset: number;
}

export const laying: fc.Arbitrary<Laying> = fc.record({
  broadcast: fc.array(
    fc.nat(5).map((n) => n === 0),
    { minLength: 4, maxLength: 4 },
  ),
  order: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat(23)),
  flip: fc.array(
    fc.nat(5).map((n) => n === 0),
    { minLength: 4, maxLength: 4 },
  ),
  gap: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat(2)),
  offset: fc.nat(3),
});

/** The layout of an operand, and the number of elements of its storage: no more than the layout reaches. */
export function layOut(shape: readonly number[], how: Laying): { layout: Layout; length: number } {
  const dims = shape.map((_, d) => d);
  for (let d = dims.length - 1, n = how.order; d > 0; n = Math.floor(n / (d + 1)), d--) {
    const other = d - (n % (d + 1));
    [dims[d], dims[other]] = [dims[other]!, dims[d]!];
  }
  const strides = shape.map(() => 0);
  let spacing = 1 + how.gap;
  let reach = 0;
  let offset = how.offset;
  for (const d of dims.reverse()) {
    if (how.broadcast[d]) continue;
    strides[d] = how.flip[d] ? -spacing : spacing;
    const last = Math.max(0, shape[d]! - 1) * spacing;
    reach += last;
    if (how.flip[d]) offset += last;
    spacing *= Math.max(1, shape[d]!);
  }
  return { layout: new Layout(shape, strides, offset), length: reach + how.offset + 1 };
}

/** An arrangement in which no two indices share an element, for outputs. */
export function writable(how: Laying): Laying {
  return { ...how, broadcast: how.broadcast.map(() => false) };
}
