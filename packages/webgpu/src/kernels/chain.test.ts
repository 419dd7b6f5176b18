import { fc, test } from "@fast-check/vitest";
import { ones, pointwise, type Tensor, tensor } from "@thalweg/tensor";
import { expect, it } from "vitest";
import { describeGPU, expectSame, numbers, session } from "../../test/gpu";

/** Launches that it took. */
async function launches(compute: () => Tensor): Promise<number> {
  const { dispatches } = session!.counts;
  await compute().data();
  return session!.counts.dispatches - dispatches;
}

interface Step {
  readonly kind: "out of place" | "in place" | "by a temporary" | "copy" | "fill";
  readonly size: 0 | 1 | 2;
  readonly target: number;
  readonly left: number;
  readonly right: number;
  /** What the right operand is: as many elements, one element, a number. */
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
    operand: fc.constantFrom("many", "many", "one", "number"),
  }),
  { minLength: 1, maxLength: 14 },
);

/** Tensors and views that overlap: of twenty elements, of ten, and of one. */
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

describeGPU("maps that follow one another", () => {
  test.prop([steps], { numRuns: 200 })("give the bits that they give one by one", async (program) => {
    expect(await run(program, true)).toEqual(await run(program, false));
  });

  it("are one launch", async () => {
    const [x, y] = [numbers([30, 40]).to("webgpu"), numbers([30, 40], 2).to("webgpu")];
    expect(await launches(() => x.mul(y).add(1).relu())).toBe(1);
    expect(await launches(() => x.mul(y).reshape([1200]).add(1).mul_(2))).toBe(1);
    expect(await launches(() => x.clone().fill_(3).add_(y).sub_(x))).toBe(1);
    await expectSame((a, b) => a.mul(b).add(1).relu().mul_(b).add_(a), [numbers([7]), numbers([7], 2)]);
  });

  it("are several where a thread would need what another computes", async () => {
    const x = numbers([8]).to("webgpu");
    const one = tensor([2], { device: "webgpu" });
    expect(await launches(() => x.add(1).flip(0).mul(2))).toBe(2);
    expect(await launches(() => x.add(one.mul(2)))).toBe(2);
    expect(await launches(() => x.clone().narrow(0, 1, 4).mul_(3))).toBe(2);
    expect(await launches(() => x.mul(2).sum())).toBe(2);
  });

  it("are several when there are very many", async () => {
    const x = ones([12], { device: "webgpu" });
    const twenty = () => Array.from({ length: 20 }).reduce<Tensor>((sum) => sum.add(1), x);
    expect(await launches(twenty)).toBe(3);
    expect(await twenty().toArrayAsync()).toEqual(Array(12).fill(21));
  });

  it("have no more buffers than a kernel can have", async () => {
    const large = Array.from({ length: 14 }, (_, k) => numbers([20_000], k + 1));
    await expectSame((...xs) => xs.reduce((sum, x) => sum.mul(0.5).add(x)), large);
  });

  it("write nothing that nobody wants any more", async () => {
    const x = numbers([1000]).to("webgpu");
    await x.data();
    const wasted = () => {
      x.mul(2)[Symbol.dispose]();
      return x;
    };
    expect(await launches(wasted)).toBe(0);
    await expectSame(
      (a, b) => {
        using product = a.mul(b);
        using sum = product.add(a);
        return sum.relu();
      },
      [numbers([33]), numbers([33], 2)],
    );
  });

  it("compile nothing for other numbers, and tell numbers of each map apart", async () => {
    const scaled = pointwise("scaled", (x, a, b) => x.mul(a.exp()).add(b.exp()));
    const x = ones([5], { device: "webgpu" });
    const twice = (a: number, b: number) => scaled(scaled(x, a, b), b, a);
    await x.data();
    await twice(0, 1).data();
    const { kernels } = session!.counts;
    const [first] = await twice(1, 0).data();
    expect(first).toBeCloseTo(Math.E + 1 + Math.E, 5);
    expect(session!.counts.kernels).toBe(kernels);
  });
});
