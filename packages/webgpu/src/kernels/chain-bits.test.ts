import { fc, test } from "@fast-check/vitest";
import { type Tensor, tensor } from "@thalweg/tensor";
import { expect } from "vitest";
import { describeGPU, numbers } from "../../test/gpu";

// This is a file of its own because it compiles hundreds of pipelines: no other test waits for its process and its device.

interface Step {
  readonly kind: "out of place" | "in place" | "by a temporary" | "copy" | "fill";
  readonly size: 0 | 1 | 2;
  readonly target: number;
  readonly left: number;
  readonly right: number;
  /** Kind of the right operand: a tensor of as many elements, of one element, or a number. */
  readonly operand: "many" | "one" | "number";
}

const nat = fc.nat(20);
const steps = fc.array(
  fc.record<Step>({
    kind: fc.constantFrom("out of place", "in place", "by a temporary", "copy", "fill"),
    size: fc.constantFrom(0, 1, 2),
    target: nat,
    left: nat,
    right: nat,
    operand: fc.constantFrom("many", "one", "number"),
  }),
  { minLength: 1, maxLength: 14 },
);

/** Tensors and views that overlap, with twenty elements, with ten, and with one. */
function tensors(): Tensor[][] {
  const [a, b, c] = [1, 2, 3].map((seed) => numbers([20], seed).to("webgpu")) as [Tensor, Tensor, Tensor];
  return [
    [a, b, c.reshape([4, 5])],
    [
      a.narrow(0, 0, 10),
      a.narrow(0, 10, 10),
      a.narrow(0, 4, 10),
      b.narrow(0, 0, 10),
      b.narrow(0, 3, 10).reshape([2, 5]),
    ],
    [
      a.narrow(0, 3, 1),
      a.narrow(0, 0, 1),
      b.narrow(0, 9, 1),
      c.narrow(0, 0, 1),
      tensor([0.75], { device: "webgpu" }),
    ],
  ];
}

function perform(all: Tensor[][], { kind, size, target, left, right, operand }: Step): void {
  const of = (k: number, i: number) => all[k]![i % all[k]!.length]!;
  const out = of(size, target);
  const x = of(size, left).reshape(out.shape);
  const y =
    operand === "number" ? right / 8 : operand === "one" ? of(2, right) : of(size, right).reshape(out.shape);
  if (kind === "out of place") all[size]!.push(x.mul(y).sub(0.25));
  else if (kind === "in place") out.add_(y).mul_(0.5);
  else if (kind === "copy") out.copy_(x.clone());
  else if (kind === "fill") out.fill_(right / 8);
  else {
    using temporary = x.sub(y);
    out.add_(temporary);
  }
}

async function run(program: readonly Step[], together: boolean): Promise<Float32Array[]> {
  const all = tensors();
  for (const step of program) {
    perform(all, step);
    if (!together) await all[0]![0]!.data();
  }
  return Promise.all(all.flat().map(async (x) => Float32Array.from(await x.data())));
}

describeGPU("chains of maps", () => {
  // Nearly every program compiles kernels of its own, which takes most of the time.
  test.prop([steps], { numRuns: 100 })("have the same bits as maps in separate launches", async (program) => {
    expect(await run(program, true)).toEqual(await run(program, false));
  });
});
