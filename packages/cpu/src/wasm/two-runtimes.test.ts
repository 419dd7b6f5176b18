import { Layout, MapProgram, ReduceProgram, RowProgram, trace } from "@thalweg/kernels";
import { describe, expect, it } from "vitest";
import { copyTransposed } from "./kernels/copy";
import { gather, scatterAdd } from "./kernels/gather";
import { map } from "./kernels/map";
import { reduce } from "./kernels/reduce";
import { rows } from "./kernels/row";
import { matmul } from "./matmul/matmul";
import { stageEnd } from "./runtime/addresses";
import { type MemoryView, Runtime } from "./runtime/runtime";

const [height, width] = [4, 8];
const size = height * width;

/** Two operands and a result of one shape, at the same addresses in every runtime. */
const layout = Layout.contiguous([height, width]);
const [x, y, out] = [0, 1, 2].map((k): MemoryView => ({ address: stageEnd + 4096 * k, layout })) as [
  MemoryView,
  MemoryView,
  MemoryView,
];
const sums: MemoryView = { ...out, layout: Layout.contiguous([height, 1]) };
const turned: MemoryView = { ...x, layout: new Layout([height, width], [1, height]) };
const square: MemoryView = { ...y, layout: Layout.contiguous([width, width]) };

const itself = trace(1, (value) => value);
const added = new MapProgram("added", 2, [trace(2, (a, b) => a.add(b))]);
const total = new ReduceProgram(
  "total",
  "sum",
  1,
  itself,
  trace(2, (sum) => sum),
);
const shares = new RowProgram(
  "shares",
  1,
  [{ combine: "sum", map: itself, finish: trace(2, (sum) => sum) }],
  [trace(2, (value, sum) => value.div(sum))],
);
const doubled = new MapProgram("doubled", 1, [trace(1, (value) => value.mul(2))]);

const kernels: Record<string, (runtime: Runtime) => boolean> = {
  map: (runtime) => map(runtime, added, [out], [x, y]),
  reduce: (runtime) => reduce(runtime, total, sums, [x], [1]),
  row: (runtime) => rows(runtime, shares, [out], [x], 1),
  copy: (runtime) => copyTransposed(runtime, out, turned),
  gather: (runtime) => gather(runtime, out, x, 0, y),
  scatter: (runtime) => scatterAdd(runtime, out, 1, y, x),
  product: (runtime) => matmul(runtime, out, x, square),
  "product that ends in a map": (runtime) =>
    matmul(runtime, out, x, square, { program: doubled, operands: [] }),
};

/** A runtime whose operands hold `value`, and whose result is still zero. */
function filled(value: number): Runtime {
  const runtime = new Runtime({ shared: false, maximum: 2 ** 22, budget: 2 ** 21 });
  runtime.floats.fill(value, stageEnd / 4, out.address / 4);
  return runtime;
}

const result = ({ floats }: Runtime) => floats.slice(out.address / 4, out.address / 4 + size);

describe.each(Object.entries(kernels))("a %s", (_, kernel) => {
  it("computes in the memory of the runtime that it is called with", () => {
    const [first, second] = [filled(1), filled(3)];
    expect(kernel(first)).toBe(true);
    const before = first.floats.slice();
    const changed = () => before.findIndex((value, i) => !Object.is(value, first.floats[i]));
    expect(kernel(second)).toBe(true);
    expect(result(second).some((value) => value !== 0)).toBe(true);
    expect(changed()).toBe(-1);
    // The second runtime computes what a single one would.
    const alone = filled(3);
    expect(kernel(alone)).toBe(true);
    expect(result(second)).toEqual(result(alone));
  });
});
