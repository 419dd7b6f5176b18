import { ones, pointwise, type Tensor, tensor } from "@thalweg/tensor";
import { expect, it } from "vitest";
import { describeGPU, expectSame, numbers, session } from "../../test/gpu";

/** Counts the launches of a computation. */
async function launches(compute: () => Tensor): Promise<number> {
  const { dispatches } = session!.counts;
  await compute().data();
  return session!.counts.dispatches - dispatches;
}

describeGPU("consecutive maps", () => {
  it("are one launch", async () => {
    const [x, y] = [numbers([30, 40]).to("webgpu"), numbers([30, 40], 2).to("webgpu")];
    expect(await launches(() => x.mul(y).add(1).relu())).toBe(1);
    expect(await launches(() => x.mul(y).reshape([1200]).add(1).mul_(2))).toBe(1);
    expect(await launches(() => x.clone().fill_(3).add_(y).sub_(x))).toBe(1);
    await expectSame((a, b) => a.mul(b).add(1).relu().mul_(b).add_(a), [numbers([7]), numbers([7], 2)]);
  });

  it("are several launches where a thread would need the result of another thread", async () => {
    const x = numbers([8]).to("webgpu");
    const one = tensor([2], { device: "webgpu" });
    expect(await launches(() => x.add(1).flip(0).mul(2))).toBe(2);
    expect(await launches(() => x.add(one.mul(2)))).toBe(2);
    expect(await launches(() => x.clone().narrow(0, 1, 4).mul_(3))).toBe(2);
    expect(await launches(() => x.mul(2).sum())).toBe(2);
  });

  it("are several launches when there are very many maps", async () => {
    const x = ones([12], { device: "webgpu" });
    const twenty = () => Array.from({ length: 20 }).reduce<Tensor>((sum) => sum.add(1), x);
    expect(await launches(twenty)).toBe(3);
    expect(await twenty().toArrayAsync()).toEqual(Array(12).fill(21));
  });

  it("bind no more buffers than a kernel may bind", async () => {
    const large = Array.from({ length: 14 }, (_, k) => numbers([20_000], k + 1));
    await expectSame((...xs) => xs.reduce((sum, x) => sum.mul(0.5).add(x)), large);
  });

  it("do not write results of disposed tensors", async () => {
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

  it("compile nothing for other numbers, and keep the numbers of each map apart", async () => {
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
