import { fc, test } from "@fast-check/vitest";
import { randn, setCodeGeneration, setThreads, setWebAssembly, type Tensor, zeros } from "@thalweg/tensor";
import { afterAll, afterEach, describe, expect } from "vitest";
import { execute, type Instruction, instruction } from "../test/programs";
import { expectSame } from "../test/twins";

interface Setting {
  readonly instructions: readonly Instruction[];
  /** Which shape each call has. */
  readonly calls: readonly number[];
  /** How many of the last tensors are returned. */
  readonly returned: number;
  readonly requiresGrad: boolean;
}

const setting: fc.Arbitrary<Setting> = fc.record({
  instructions: fc.array(instruction, { minLength: 1, maxLength: 14 }),
  calls: fc.array(fc.nat(1), { minLength: 3, maxLength: 6 }),
  returned: fc.nat(4),
  requiresGrad: fc.boolean(),
});

const counts = { calls: 0, recordings: 0 };

function compare(
  { instructions, calls, returned, requiresGrad }: Setting,
  shapes: readonly (readonly [number, number])[] = [
    [3, 4],
    [2, 4],
  ],
): void {
  const width = shapes[0]![1];
  counts.recordings += expectSame(
    (through) => {
      const leaves = [randn([width, width], { requiresGrad }), randn([width], { requiresGrad })];
      const outside = [randn([3, width]), zeros([width])];
      const f = through((a: Tensor, b: Tensor) => {
        const tensors = [...leaves, ...outside, a, b];
        execute(instructions, { tensors, leaves });
        return tensors.slice(tensors.length - returned).map((x) => (x.requiresGrad ? x.detach() : x));
      });
      const seen: Tensor[] = [...leaves, ...outside];
      const call = (i: number) => {
        const [rows, columns] = shapes[calls[i]!]!;
        const inputs = [randn([rows, columns]), randn([rows, columns])] as const;
        seen.push(...inputs);
        return f(...inputs);
      };
      return { call, seen };
    },
    { calls: calls.length, recordings: calls.length },
  );
  counts.calls += calls.length;
}

describe("a random program gives the bits of eager", () => {
  const [wasm, code, threads] = [setWebAssembly("auto"), setCodeGeneration(true), setThreads(1)];
  afterEach(() => {
    setWebAssembly(wasm);
    setCodeGeneration(code);
    setThreads(threads);
  });
  afterAll(() => {
    // Most calls are replayed: the others are no proof.
    expect(counts.recordings / counts.calls).toBeLessThan(0.75);
  });

  test.prop([setting], { numRuns: 80 })("as it is", (one) => {
    compare(one);
  });

  test.prop([setting], { numRuns: 60 })("in JavaScript alone", (one) => {
    setWebAssembly("never");
    compare(one);
  });

  test.prop([setting], { numRuns: 60 })("without generated code", (one) => {
    setWebAssembly("never");
    setCodeGeneration(false);
    compare(one);
  });

  test.prop([setting], { numRuns: 60 })("in WebAssembly alone", (one) => {
    setWebAssembly("always");
    compare(one);
  });

  test.prop([setting], { numRuns: 40 })("of tensors that are too large to be written out", (one) => {
    setWebAssembly("always");
    compare(one, [
      [24, 32],
      [12, 32],
    ]);
  });

  test.prop([setting], { numRuns: 3 })("on two threads, of large tensors", (one) => {
    setThreads(2);
    compare(one, [
      [192, 256],
      [96, 256],
    ]);
  });
});
