import { compact, ExprPool } from "@thalweg/kernels";
import { ones, pointwise, type Tensor, tensor, zeros } from "@thalweg/tensor";
import { updateInPlace } from "@thalweg/tensor/internal";
import { expect, it, onTestFinished, vi } from "vitest";
import { describeGPU, expectSame, numbers, session } from "../../test/gpu";

describeGPU("maps", () => {
  it.each([1, 2, 3, 4, 5, 63, 64, 255, 256, 257, 1000, 32_768, 40_001, 40_004])(
    "compute %i elements",
    async (n) => {
      await expectSame((a, b) => a.mul(b).add(1), [numbers([n]), numbers([n], 2)]);
    },
  );

  it.each([0, 1, 2, 4])("read and write rows that start at %i", async (start) => {
    await expectSame(
      (a, b) => {
        const out = a.clone();
        out.narrow(0, start, 7).copy_(a.narrow(0, start + 1, 7).mul(b.narrow(0, 8, 7)));
        return out;
      },
      [numbers([16]), numbers([16], 2)],
    );
  });

  it.each([
    ["a row", [5, 8], [8]],
    ["a row of no multiple of four", [5, 7], [7]],
    ["a column", [5, 8], [5, 1]],
    ["a scalar", [5, 8], []],
    ["both sides", [3, 1, 4], [2, 1]],
    ["an inner dimension", [2, 3, 8], [3, 1]],
    ["an outer dimension", [4, 3, 12], [4, 1, 1]],
    ["a row of many", [400, 100], [100]],
    ["a column of many", [400, 100], [400, 1]],
  ])("broadcast %s", async (_, left, right) => {
    await expectSame((a, b) => a.sub(b), [numbers(left), numbers(right, 2)]);
  });

  it("read transposed, flipped, strided and repeated operands", async () => {
    const x = numbers([8, 12]);
    await expectSame((a) => a.transpose(0, 1).mul(2), [x]);
    await expectSame((a) => a.flip(1).add(a), [x]);
    await expectSame((a) => a.slice(null, [0, 12, 3]).exp(), [x]);
    await expectSame((a) => a.select(1, 3).unsqueeze(1).expand([8, 4]).neg(), [x]);
    await expectSame((a) => a.diagonal().square(), [x]);
    await expectSame((a) => a.permute([1, 0]).reshape([4, 3, 8]).permute([2, 0, 1]).mul(3), [x]);
  });

  it("write transposed and strided targets", async () => {
    const x = numbers([8, 12]);
    await expectSame((a) => a.mul(0).transpose(0, 1).copy_(a.transpose(0, 1)).transpose(0, 1), [x]);
    await expectSame(
      (a) => {
        const out = a.clone();
        out.slice(null, [0, 12, 2]).fill_(7);
        out.slice([7, null, -2]).mul_(2);
        return out;
      },
      [x],
    );
  });

  it("do not write outside a view", async () => {
    const x = zeros([10], { device: "webgpu" });
    x.narrow(0, 0, 3).fill_(1);
    x.narrow(0, 4, 5).add_(2);
    expect([...(await x.data())]).toEqual([1, 1, 1, 0, 2, 2, 2, 2, 2, 0]);
  });

  it("compile nothing for another number", async () => {
    const x = ones([9], { device: "webgpu" });
    await x.mul(3).data();
    const { kernels } = session!.counts;
    for (const factor of [4, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      const [first] = await x.mul(factor).data();
      expect(first).toBe(factor);
    }
    expect(session!.counts.kernels).toBe(kernels);
  });

  it("compute subexpressions of numbers alone in float64", async () => {
    const corrected = pointwise("corrected", (x, beta, step) => x.div(beta.pow(step).rsub(1)));
    const [first] = await corrected(ones([1], { device: "webgpu" }), 0.999999, 1).data();
    expect(first).toBe(Math.fround(1 / (1 - 0.999999)));
  });

  it.each([
    ["few", 8, 4],
    ["many", 200, 1],
  ])(
    "compute several elements in a thread if these take %s steps, besides those of numbers",
    async (_, count, elements) => {
      const x = ones([8], { device: "webgpu" });
      const { device } = (x.storage.backend as unknown as { gpu: { device: GPUDevice } }).gpu;
      const compile = vi.spyOn(device, "createShaderModule");
      onTestFinished(() => compile.mockRestore());
      const steps = pointwise(`steps${count}`, (x, y) => {
        let power = y;
        for (let i = 0; i < 100; i++) power = power.mul(y).add(i);
        let sum = x.mul(power);
        for (let i = 0; i < count / 2; i++) sum = sum.mul(x).add(i);
        return sum;
      });
      await steps(x, 0.5).data();
      const [text] = compile.mock.calls
        .map(([{ code }]) => code)
        .filter((code) => code.includes(`steps${count}`));
      expect(text!.match(/= compute\(/g)).toHaveLength(elements);
    },
  );

  it("read more tensors than a kernel may bind", async () => {
    const total = pointwise("total", (a, b, c, d, e, f, g, h, i, j, k, l, m, n) =>
      [b, c, d, e, f, g, h, i, j, k, l, m, n].reduce((sum, x, at) => sum.add(x.mul(at + 2)), a),
    );
    // Large tensors have buffers of their own.
    const inputs = Array.from({ length: 14 }, (_, k) => numbers([3, 6000], k + 1));
    await expectSame((...xs) => (total as (...xs: Tensor[]) => Tensor)(...xs), inputs);
  });

  it("write more tensors than a kernel may bind", async () => {
    const pool = new ExprPool();
    const count = 14;
    const inputs = Array.from({ length: count }, (_, k) => pool.input(k));
    const { program } = compact(
      "rotate",
      inputs.map((_, k) => inputs[(k + 1) % count]!.mul(2)),
    );
    const targets = inputs.map((_, k) => tensor(new Float32Array(20000).fill(k), { device: "webgpu" }));
    updateInPlace(program, targets, targets);
    const firsts = await Promise.all(targets.map((x) => x.data()));
    expect(firsts.map((x) => x[19999])).toEqual(inputs.map((_, k) => 2 * ((k + 1) % count)));
  });

  it("need more workgroups than one dimension of a dispatch may have", async () => {
    const n = 65535 * 64 + 3;
    const x = zeros([n + 1], { device: "webgpu" });
    const part = x.narrow(0, 1, n);
    part.add_(1);
    expect(await x.sum().itemAsync()).toBe(n);
    const [first, last] = [await x.narrow(0, 0, 2).data(), await x.narrow(0, n - 1, 2).data()];
    expect([...first, ...last]).toEqual([0, 1, 1, 1]);
  });
});
