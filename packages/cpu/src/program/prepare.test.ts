import "../../test/small-heap";
import { fc, test } from "@fast-check/vitest";
import {
  copyProgram,
  execute,
  type KernelCall,
  Layout,
  MapProgram,
  type Operand,
  ReduceProgram,
  RowProgram,
  trace,
  type View,
} from "@thalweg/kernels";
import { describe, expect, it } from "vitest";
import { accelerator, setWebAssembly } from "../accelerator";
import { cpu } from "../cpu";
import { ready } from "../index";
import type { CpuStorage } from "../storage";
import { allocateInHeap, prepareCalls } from "./prepare";

await ready();

type MovableView = { -readonly [K in keyof View]: View[K] };

/** Where a view's memory is: an array or a cell as the backend chooses, or the heap. */
type Home = "backend" | "heap";

const float = (seed: number) => Math.fround(Math.sin(seed * 12.9898) * 3);

function filled(size: number, seed: number, home: Home = "backend"): CpuStorage {
  const storage = home === "heap" ? allocateInHeap(cpu, "float32", size) : cpu.allocate("float32", size);
  (storage as CpuStorage).array.set(Array.from({ length: size }, (_, i) => float(seed + i)));
  return storage as CpuStorage;
}

const scaled = trace(3, (x, a, b) => x.mul(a!).add(b!.exp()));
const map = new MapProgram("scaled", 3, [scaled]);
const both = new MapProgram("both", 2, [trace(2, (x, y) => x.add(y!)), trace(2, (x, y) => x.sub(y!))]);
const whole = new MapProgram("whole", 2, [trace(2, (x, y) => x.gt(y!).choose(x, y!))]);
const sum = new ReduceProgram(
  "weighted",
  "sum",
  3,
  scaled,
  trace(2, (total, count) => total.div(count!)),
);
const softmax = new RowProgram(
  "softmax",
  2,
  [
    { combine: "max", map: trace(2, (x) => x), finish: trace(2, (value) => value) },
    {
      combine: "sum",
      map: trace(3, (x, by, top) => x.sub(top!).mul(by!).exp()),
      finish: trace(2, (value) => value),
    },
  ],
  [trace(4, (x, by, top, total) => x.sub(top!).mul(by!).exp().div(total!))],
);
const relu = new MapProgram("relu", 3, [trace(3, (x, bias, by) => x.add(bias!).mul(by!))]);

interface Scene {
  readonly views: readonly MovableView[];
  readonly calls: readonly KernelCall[];
  /** The arrays of operands with numbers. */
  readonly numbers: readonly Operand[][];
}

const view = (size: number, seed: number, home: Home): MovableView => ({
  storage: filled(size, seed, home),
  layout: Layout.contiguous([size]),
});

/** A small network's worth of calls of all kinds, some of them on transposed views. */
function scene([m, k, n]: readonly [number, number, number], homes: readonly Home[], seed: number): Scene {
  const home = (i: number) => homes[i % homes.length]!;
  const matrix = (rows: number, columns: number, i: number): MovableView => ({
    storage: filled(rows * columns, seed + i, home(i)),
    layout: Layout.contiguous([rows, columns]),
  });
  const [x, w, bias] = [matrix(m, k, 1), matrix(n, k, 2), view(n, 3, home(3))];
  const [t, u, v, rest] = [matrix(m, k, 4), matrix(m, n, 5), matrix(m, n, 6), matrix(m, n, 7)];
  const grouped = matrix(m, n, 11);
  const [column, row] = [matrix(m, 1, 8), matrix(1, n, 9)];
  const turned: MovableView = {
    storage: filled(m * n, seed + 10, home(10)),
    layout: Layout.contiguous([n, m]),
  };
  const back: MovableView = { storage: turned.storage, layout: turned.layout.permute([1, 0]) };
  const wide: MovableView = { storage: bias.storage, layout: bias.layout.expand([m, n]) };
  const numbers: Operand[][] = [
    [x, 2, 0.5],
    [wide, 1.5],
    [u, -1, 0.25],
    [v, 0.75],
    [t, 1],
  ];
  const calls: KernelCall[] = [
    { kind: "map", backend: cpu, program: map, outputs: [t], inputs: numbers[0]! },
    {
      kind: "matmul",
      backend: cpu,
      out: u,
      a: t,
      b: { storage: w.storage, layout: w.layout.permute([1, 0]) },
      grouping: undefined,
      epilogue: { program: relu, operands: numbers[1]! },
    },
    {
      kind: "map",
      backend: cpu,
      program: copyProgram("float32"),
      outputs: [turned],
      inputs: [{ ...u, layout: u.layout.permute([1, 0]) }],
    },
    { kind: "map", backend: cpu, program: both, outputs: [v, rest], inputs: [u, back] },
    {
      kind: "matmul",
      backend: cpu,
      out: grouped,
      a: { storage: x.storage, layout: x.layout.reshape([m, k, 1])! },
      b: { storage: w.storage, layout: w.layout.permute([1, 0]).reshape([k, 1, n])! },
      grouping: { rows: 1, columns: 1, terms: 2 },
      epilogue: { program: relu, operands: [wide, 2] },
    },
    { kind: "reduce", backend: cpu, program: sum, out: column, inputs: numbers[2]!, dims: [1] },
    { kind: "reduce", backend: cpu, program: sum, out: row, inputs: [rest, 1, 2], dims: [0] },
    { kind: "rows", backend: cpu, program: softmax, outputs: [rest], inputs: numbers[3]!, dim: 1 },
    { kind: "map", backend: cpu, program: whole, outputs: [t], inputs: numbers[4]! },
  ];
  const views = [x, w, bias, t, u, v, rest, column, row, turned, back, wide, grouped];
  return { views, calls, numbers };
}

/** The number of elements in which two scenes differ. */
function differences(one: Scene, other: Scene): number {
  let count = 0;
  for (const [k, { storage }] of one.views.entries()) {
    const [a, b] = [storage, other.views[k]!.storage].map((of) => (of as CpuStorage).array) as [
      Float32Array,
      Float32Array,
    ];
    for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) count++;
  }
  return count;
}

/** Gives what has the memory of a view other memory. */
function replace({ views }: Scene, which: number, seed: number): void {
  const before = views[which]!.storage;
  const after = filled(before.size, seed);
  for (const view of views) if (view.storage === before) view.storage = after;
}

const extent = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constantFrom(1, 3, 64, 100));
const scenes = [
  fc.tuple(extent, extent, extent),
  fc.array(fc.constantFrom<Home>("backend", "heap"), { minLength: 1, maxLength: 5 }),
  fc.nat(1000),
] as const;

describe("prepared calls", () => {
  test.prop(
    [
      ...scenes,
      fc.array(
        fc.record({
          replaced: fc.array(fc.nat(5), { maxLength: 2 }),
          number: fc.option(fc.float({ min: -2, max: 2, noNaN: true })),
          moves: fc.boolean(),
        }),
        { minLength: 2, maxLength: 4 },
      ),
    ],
    { numRuns: 60 },
  )("compute what the backend computes, at every run", (sizes, homes, seed, runs) => {
    const [one, other] = [scene(sizes, homes, seed), scene(sizes, homes, seed)];
    const prepared = prepareCalls(one.calls);
    for (const [r, { replaced, number, moves }] of runs.entries()) {
      for (const each of [one, other]) {
        for (const which of replaced) replace(each, which, seed + 100 * r);
        if (number !== null) for (const operands of each.numbers) operands[operands.length - 1] = number;
      }
      // The heap is so small that these push others out of it.
      if (moves) for (let i = 0; i < 8; i++) cpu.filled("float32", 40_000, i);
      prepared.run();
      for (const call of other.calls) execute(call);
      expect(differences(one, other)).toBe(0);
    }
    prepared.release();
  });

  it("write parts of one small array side by side", () => {
    const from = view(6, 1, "backend");
    const all = filled(6, 2);
    const parts = [0, 3].map((offset): View => ({ storage: all, layout: new Layout([3], [1], offset) }));
    const calls = parts.map(
      (out): KernelCall => ({
        kind: "map",
        backend: cpu,
        program: copyProgram("float32"),
        outputs: [out],
        inputs: [{ storage: from.storage, layout: out.layout }],
      }),
    );
    const prepared = prepareCalls(calls);
    prepared.run();
    expect(all.array).toEqual((from.storage as CpuStorage).array);
    prepared.release();
  });

  it("may write an empty part of a small array", () => {
    const [from, all] = [filled(6, 1), filled(6, 2)];
    const before = all.array.slice();
    const none = new Layout([0, 2], [2, 1], 0);
    const prepared = prepareCalls([
      {
        kind: "map",
        backend: cpu,
        program: copyProgram("float32"),
        outputs: [{ storage: all, layout: none }],
        inputs: [{ storage: from, layout: none }],
      },
    ]);
    prepared.run();
    expect(all.array).toEqual(before);
    prepared.release();
  });

  test.prop([fc.nat(3), fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 })])(
    "write interleaved parts of one small array in one kernel",
    (which, shape) => {
      const dim = which % shape.length;
      const all = Layout.contiguous(shape.with(dim, 2 * shape[dim]!));
      const parts = [0, 1].map((start) => all.slice(dim, start, shape[dim]!, 2));
      const [from, to] = [filled(all.size, 1), filled(all.size, 2)];
      const views = (storage: CpuStorage) => parts.map((layout): View => ({ storage, layout }));
      const call: KernelCall = {
        kind: "map",
        backend: cpu,
        program: both,
        outputs: views(to),
        inputs: views(from),
      };
      const expected = filled(all.size, 2);
      execute({ ...call, outputs: views(expected) });
      const prepared = prepareCalls([call]);
      prepared.run();
      expect(to.array).toEqual(expected.array);
      prepared.release();
    },
  );

  it("run without linear memory for all of them, and without WebAssembly", () => {
    const size = 100_000;
    const [one, other] = [4, 4].map((seed): Scene => {
      const views = Array.from({ length: 6 }, (_, i) => view(size, seed + i, "backend"));
      const calls = views.slice(1).map(
        (out, i): KernelCall => ({
          kind: "map",
          backend: cpu,
          program: map,
          outputs: [out],
          inputs: [views[i]!, 2, 0.5],
        }),
      );
      return { views, calls, numbers: [] };
    }) as unknown as [Scene, Scene];
    const prepared = prepareCalls(one.calls);
    for (const use of ["auto", "never", "auto"] as const) {
      const before = setWebAssembly(use);
      prepared.run();
      setWebAssembly(before);
      for (const call of other.calls) execute(call);
      expect(differences(one, other)).toBe(0);
    }
    prepared.release();
  });

  it("give back their memory", () => {
    const { heap } = accelerator()!.runtime;
    const here = scene([30, 20, 10], ["backend"], 1);
    const before = heap.cells;
    const prepared = prepareCalls(here.calls);
    prepared.run();
    expect(heap.cells).toBeGreaterThan(before);
    prepared.release();
    expect(heap.cells).toBe(before);
  });
});
