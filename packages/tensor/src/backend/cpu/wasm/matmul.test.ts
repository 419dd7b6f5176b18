import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { Layout } from "../../../layout/layout";
import { stageEnd } from "./addresses";
import { matmul } from "./matmul";
import { type Kernel, Runtime } from "./runtime";

const f = Math.fround;

/** Launches ranges of items in an order that depends on `seed`, as threads might. */
class Scattered extends Runtime {
  seed = 0;

  override launch(kernel: Kernel, items: number, cost: number): void {
    if (this.seed === 0) {
      super.launch(kernel, items, cost);
      return;
    }
    const size = 1 + (this.seed % 3);
    const starts: number[] = [];
    for (let from = 0; from < items; from += size) starts.push(from);
    if (this.seed % 2 === 1) starts.reverse();
    starts.push(...starts.splice(0, this.seed % (starts.length + 1)));
    for (const from of starts) kernel.run(1024, from, Math.min(from + size, items));
  }
}

const runtime = new Scattered({ shared: true, maximum: 2 ** 26, budget: 2 ** 25, start: 2 ** 22 });

/** How a dimension is laid out; "far" leaves gaps. */
type Walk = "forward" | "backward" | "far";

interface Stored {
  readonly order: readonly number[];
  readonly walk: readonly Walk[];
  readonly shift: number;
}

/** Strides for a shape whose dimensions are nested as `order` says, and the elements that they span. */
function layoutOf(shape: readonly number[], { order, walk, shift }: Stored) {
  const strides = shape.map(() => 0);
  let [span, offset] = [1, shift];
  for (const d of order.toSorted((x, y) => y - x).map((_, i) => order[i]! % shape.length)) {
    if (strides[d] !== 0) continue;
    const step = walk[d] === "far" ? span * 2 + 1 : span;
    const extent = Math.max(shape[d]!, 1);
    strides[d] = walk[d] === "backward" ? -step : step;
    if (walk[d] === "backward") offset += step * (extent - 1);
    span += step * (extent - 1);
  }
  return { layout: new Layout(shape, strides, offset), span: span + shift };
}

function at(layout: Layout, index: readonly number[]): number {
  return layout.at(index);
}

/** The definition of the product: terms in order, rounded at every step, in blocks of 256. */
function defined(a: (p: number) => number, b: (p: number) => number, k: number): number {
  let total = 0;
  for (let from = 0; from < k; from += 256) {
    let sum = 0;
    for (let p = from; p < Math.min(k, from + 256); p++) sum = f(sum + f(a(p) * b(p)));
    total = f(total + sum);
  }
  return total;
}

const stored = fc.record({
  order: fc.shuffledSubarray([0, 1, 2], { minLength: 3 }),
  walk: fc.tuple(
    ...Array.from({ length: 3 }, () =>
      fc.constantFrom<Walk>("forward", "forward", "forward", "backward", "far"),
    ),
  ),
  shift: fc.nat(5),
});

const dense = fc.constantFrom<Stored>(
  { order: [2, 1, 0], walk: ["forward", "forward", "forward"], shift: 0 },
  { order: [1, 2, 0], walk: ["forward", "forward", "forward"], shift: 0 },
);
const operand = fc.oneof(dense, stored);
const extent = fc.oneof(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 70 }));
const inner = fc.oneof(fc.integer({ min: 0, max: 9 }), fc.nat(70), fc.nat(600));
const guard = 12;

function fill(start: number, count: number, seed: number): void {
  const { floats } = runtime;
  let state = seed | 1;
  for (let i = 0; i < count; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    floats[start + i] = state / 2 ** 30;
  }
}

describe("a product in WebAssembly", () => {
  test.prop(
    [
      fc.integer({ min: 1, max: 3 }),
      extent,
      extent,
      inner,
      operand,
      operand,
      operand,
      fc.nat(),
      fc.constantFrom("", "a", "b", "ab"),
    ],
    {
      numRuns: 300,
    },
  )(
    "has the bits of its definition and touches nothing else",
    (count, m, n, k, inA, inB, inC, seed, shared) => {
      const wide = (name: string) => (shared.includes(name) ? 1 : count);
      const a = layoutOf([wide("a"), m, k], inA);
      const b = layoutOf([wide("b"), k, n], inB);
      const c = layoutOf([count, m, n], inC);
      const startA = stageEnd / 4 + (seed % 4);
      const startB = startA + a.span + 8;
      const startC = startB + b.span + 8 + guard;
      const end = startC + c.span + guard;
      fill(startA, end - startA, seed);
      const before = runtime.floats.slice(startC - guard, end);
      const layoutA = a.layout.expand([count, m, k]);
      const layoutB = b.layout.expand([count, k, n]);
      runtime.seed = seed % 7;
      const done = matmul(
        runtime,
        { address: 4 * startC, layout: c.layout },
        { address: 4 * startA, layout: layoutA },
        { address: 4 * startB, layout: layoutB },
      );
      expect(done).toBe(true);
      const { floats } = runtime;
      for (let q = 0; q < count; q++) {
        for (let i = 0; i < m; i++) {
          for (let j = 0; j < n; j++) {
            before[guard + at(c.layout, [q, i, j])] = defined(
              (p) => floats[startA + at(layoutA, [q, i, p])]!,
              (p) => floats[startB + at(layoutB, [q, p, j])]!,
              k,
            );
          }
        }
      }
      expect(floats.slice(startC - guard, end)).toEqual(before);
    },
  );
});
