import { fc, test } from "@fast-check/vitest";
import { gelu, linear, relu, sigmoid, type Tensor, tanh } from "@thalweg/tensor";
import { scoped } from "@thalweg/tensor/internal";
import { expect, it } from "vitest";
import { describeGPU, numbers, session } from "../../test/gpu";

type Step = (y: Tensor, other: Tensor) => Tensor;

const steps: Readonly<Record<string, Step>> = {
  relu: (y) => relu(y),
  sigmoid: (y) => sigmoid(y),
  tanh: (y) => tanh(y),
  gelu: (y) => gelu(y),
  scaled: (y) => y.mul(0.3),
  shifted: (y) => y.add(0.1),
  added: (y, other) => y.add(other),
  multiplied: (y, other) => other.mul(y),
  "in place": (y, other) => y.mul_(other).add_(1),
  compared: (y, other) => y.gt(0).mul(other),
  "written over the other": (y, other) => other.add_(y),
};

/** Counts the launches of a computation. */
async function launches(compute: () => Tensor): Promise<number> {
  const { dispatches } = session!.counts;
  await compute().data();
  return session!.counts.dispatches - dispatches;
}

describeGPU("maps after a product", () => {
  test.prop(
    [
      fc.tuple(fc.nat({ max: 9 }), fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 })),
      fc.boolean(),
      fc.array(fc.tuple(fc.constantFrom(...Object.keys(steps)), fc.boolean()), {
        minLength: 1,
        maxLength: 3,
      }),
      fc.nat(),
    ],
    { numRuns: 60 },
  )("give the bits that they give one by one", async ([m, k, n], hasBias, chosen, seed) => {
    const [x, weight, bias] = [numbers([m, k], seed), numbers([n, k], seed + 1), numbers([n], seed + 2)];
    const run = async (isAlone: boolean) => {
      const other = numbers([m, n], seed + 3).to("webgpu");
      const operands = [x, weight, ...(hasBias ? [bias] : [])].map((tensor) => tensor.to("webgpu"));
      let result = linear(...(operands as [Tensor, Tensor, Tensor?]));
      if (isAlone) {
        for (const [name] of chosen) {
          await result.data();
          result = steps[name]!(result, other);
        }
      } else {
        const compute = (i: number): Tensor => {
          if (i < 0) return linear(...(operands as [Tensor, Tensor, Tensor?]));
          const [name, releases] = chosen[i]!;
          const step = () => steps[name]!(compute(i - 1), other);
          return releases ? scoped(step) : step();
        };
        result = compute(chosen.length - 1);
      }
      return [await result.data(), await other.data()];
    };
    expect(await run(false)).toEqual(await run(true));
  });

  it("are one launch with it where nothing else sees what lies between", async () => {
    const x = numbers([8, 6]).to("webgpu");
    const weight = numbers([5, 6]).to("webgpu");
    expect(await launches(() => scoped(() => relu(linear(x, weight))))).toBe(1);
    expect(await launches(() => scoped(() => sigmoid(linear(x, weight).mul(2).add(1))))).toBe(1);
    expect(await launches(() => relu(linear(x, weight)))).toBe(2);
  });
});
