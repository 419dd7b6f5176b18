import { fc, test } from "@fast-check/vitest";
import "@thalweg/tensor";
import {
  backendFor,
  Layout,
  type Operand,
  ReduceProgram,
  RowProgram,
  runRows,
  trace,
  type View,
} from "@thalweg/kernels";
import { describe, expect } from "vitest";
import { setWebAssembly, type WebAssemblyUse } from "./accelerator";

const cpu = backendFor("test", "cpu");

function view(values: readonly number[], shape: readonly number[]): View {
  return { storage: cpu.upload("float32", values), layout: Layout.contiguous(shape) };
}

const out = (shape: readonly number[]): View => view(Array(shape.reduce((n, d) => n * d, 1)).fill(0), shape);

/** Of an element and two numbers. */
const scaled = trace(3, (x, a, b) => x.mul(a!).add(b!));

const weighted = new ReduceProgram(
  "weighted",
  "sum",
  3,
  scaled,
  trace(2, (total) => total),
);

const centered = new RowProgram(
  "centered",
  3,
  [{ combine: "sum", map: scaled, finish: trace(2, (total, count) => total.div(count!)) }],
  [trace(4, (x, a, _b, mean) => x.sub(mean!).mul(a!))],
);

const float = fc.float({ min: -4, max: 4, noNaN: true });
const sizes = fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 300 }));

describe.each(["never", "always"] satisfies WebAssemblyUse[])(
  "numbers among operands, WebAssembly %s",
  (use) => {
    const each = test.prop([sizes, float, float, fc.infiniteStream(float)], { numRuns: 60 });

    const same = (
      [rows, length]: readonly [number, number],
      a: number,
      b: number,
      values: Iterator<number>,
      run: (operands: readonly Operand[]) => View,
    ) => {
      const before = setWebAssembly(use);
      try {
        const shape = [rows, length];
        const x = view(
          Array.from({ length: rows * length }, () => values.next().value as number),
          shape,
        );
        const full = (value: number) => view(Array(rows * length).fill(value), shape);
        const expected = cpu.readSync(run([x, full(a), full(b)]));
        expect(cpu.readSync(run([x, a, b]))).toEqual(expected);
        expect(cpu.readSync(run([x, a, full(b)]))).toEqual(expected);
      } finally {
        setWebAssembly(before);
      }
    };

    each("are as good as views of them, in reductions", (shape, a, b, values) => {
      for (const dims of [[0], [1], [0, 1]]) {
        same(shape, a, b, values, (operands) => {
          const result = out(shape.map((extent, d) => (dims.includes(d) ? 1 : extent)));
          cpu.reduce(weighted, result, operands, dims);
          return result;
        });
      }
    });

    each("are as good as views of them, in row programs", (shape, a, b, values) => {
      for (const dim of [0, 1]) {
        same(shape, a, b, values, (operands) => {
          const result = out(shape);
          runRows(cpu, centered, [result], operands, dim);
          return result;
        });
      }
    });
  },
);
