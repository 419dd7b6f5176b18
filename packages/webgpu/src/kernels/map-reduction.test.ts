import { fc, test } from "@fast-check/vitest";
import { execute, type KernelCall, pushCallLayer, type ReduceCall } from "@thalweg/kernels";
import { pointwise, type Tensor } from "@thalweg/tensor";
import { scoped } from "@thalweg/tensor/internal";
import { expect, it } from "vitest";
import { describeGPU, numbers, session } from "../../test/gpu";

type Step = (y: Tensor, other: Tensor) => Tensor;

const scaled = pointwise("scaled", (x, a, b) => x.mul(a.mul(b)));

const steps: Readonly<Record<string, Step>> = {
  squared: (y) => y.square(),
  exp: (y) => y.exp(),
  shifted: (y) => y.add(0.1),
  multiplied: (y, other) => other.mul(y),
  "in place": (y, other) => y.clone().mul_(other),
  "by two numbers": (y) => scaled(y, 0.3, 0.7),
  compared: (y) => y.gt(0).to("float32"),
  filled: (y) => y.mul(y.clone().fill_(0.1).mul(0.7)),
};

const reductions: Readonly<Record<string, (y: Tensor) => Tensor>> = {
  sum: (y) => y.sum(),
  count: (y) => y.gt(0).sum(),
  "sum of columns": (y) => y.sum(0),
  "largest of rows": (y) => y.mul(1).amax(1),
  product: (y) => y.mul(1).prod(1),
  "sum of another shape": (y) => y.reshape([y.size]).sum(0),
  "sum of turned rows": (y) => y.transpose(0, 1).sum(0),
};

/** Counts the launches of a computation. */
async function launches(compute: () => Tensor): Promise<number> {
  const { dispatches } = session!.counts;
  await compute().data();
  return session!.counts.dispatches - dispatches;
}

describeGPU("a reduction after maps", () => {
  test.prop(
    [
      fc.tuple(fc.nat({ max: 70 }), fc.integer({ min: 1, max: 70 })),
      fc.array(fc.tuple(fc.constantFrom(...Object.keys(steps)), fc.boolean()), {
        minLength: 1,
        maxLength: 3,
      }),
      fc.constantFrom(...Object.keys(reductions)),
      fc.boolean(),
      fc.nat(),
    ],
    { numRuns: 60 },
  )("gives the bits that it gives by itself", async (shape, chosen, reduction, releases, seed) => {
    fc.pre(shape[0] > 0 || reduction !== "largest of rows");
    const other = numbers(shape, seed + 1).to("webgpu");
    const x = numbers(shape, seed).to("webgpu");
    let alone = x;
    for (const [name] of chosen) {
      alone = steps[name]!(alone, other);
      await alone.data();
    }
    const expected = await reductions[reduction]!(alone).data();
    const compute = (i: number): Tensor => {
      if (i < 0) return x;
      const [name, isScoped] = chosen[i]!;
      const step = () => steps[name]!(compute(i - 1), other);
      return isScoped ? scoped(step) : step();
    };
    const reduced = () => reductions[reduction]!(compute(chosen.length - 1));
    expect(await (releases ? scoped(reduced) : reduced()).data()).toEqual(expected);
  });

  it("is one launch with them where nothing else sees what lies between", async () => {
    const x = numbers([8, 6]).to("webgpu");
    await x.data();
    expect(await launches(() => scoped(() => x.square().sum()))).toBe(1);
    expect(await launches(() => scoped(() => x.sub(x.mul(2)).exp().sum(1)))).toBe(1);
    expect(await launches(() => x.square().sum())).toBe(2);
  });

  it("keeps what it reads while it waits, whatever becomes of the array that it was given", async () => {
    const x = numbers([8, 6]).to("webgpu");
    const calls: KernelCall[] = [];
    const pop = pushCallLayer((call, next) => {
      calls.push(call);
      next(call);
    });
    const expected = await x.square().sum().data();
    pop();
    const [map, reduce] = calls as [KernelCall, ReduceCall];
    const inputs = [...reduce.inputs];
    execute(map);
    execute({ ...reduce, inputs });
    inputs.fill(null as never);
    expect(await reduce.backend.read(reduce.out)).toEqual(expected);
  });
});
