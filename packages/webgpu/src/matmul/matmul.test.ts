import type { Epilogue, View } from "@thalweg/kernels";
import { Layout, MapProgram, trace } from "@thalweg/kernels";
import { linear } from "@thalweg/tensor";
import { beforeAll, expect, it } from "vitest";
import { describeGPU, expectSame, numbers } from "../../test/gpu";
import { findGPU } from "../device/find-gpu";
import { Gpu } from "../device/gpu";
import { WebGPUBackend } from "../webgpu-backend";

const sizes = [
  [1, 1, 1],
  [4, 1, 3],
  [3, 20, 5],
  [5, 300, 7],
  [64, 33, 10],
  [10, 64, 128],
  [48, 8, 48],
  [50, 40, 70],
  [64, 64, 64],
  [65, 17, 130],
  [129, 13, 133],
  [256, 12, 260],
  [258, 9, 261],
] as const;

describeGPU("matrix products", () => {
  it.each(sizes)("of %i x %i x %i", async (m, k, n) => {
    const [a, b] = [numbers([m, k]), numbers([k, n], 2)];
    await expectSame((x, y) => x.matmul(y), [a, b]);
    const [at, bt] = [a.transpose(0, 1).contiguous(), b.transpose(0, 1).contiguous()];
    await expectSame((x, y) => x.transpose(0, 1).matmul(y), [at, b]);
    await expectSame((x, y) => x.matmul(y.transpose(0, 1)), [a, bt]);
    await expectSame((x, y) => x.transpose(0, 1).matmul(y.transpose(0, 1)), [at, bt]);
  });

  it("are zeros where the sum has no terms", async () => {
    await expectSame((x, y) => x.matmul(y), [numbers([3, 0]), numbers([0, 9])]);
    await expectSame((x, y, z) => linear(x, y, z), [numbers([6, 0]), numbers([5, 0]), numbers([5])]);
  });

  it("take batches that broadcast, and any strides", async () => {
    await expectSame((x, y) => x.matmul(y), [numbers([3, 2, 9, 12]), numbers([2, 12, 8], 2)]);
    await expectSame((x, y) => x.matmul(y), [numbers([2, 1, 5, 6]), numbers([3, 6, 7], 2)]);
    await expectSame((x, y) => x.permute([1, 2, 0]).matmul(y), [numbers([16, 3, 8]), numbers([16, 12], 2)]);
    await expectSame((x) => x.slice(null, [0, 20, 2]).matmul(x.slice([11, 1, -1])), [numbers([12, 20])]);
    await expectSame((x) => x.narrow(0, 1, 8).matmul(x.narrow(1, 1, 8)), [numbers([9, 9])]);
  });

  it("of one tensor by itself", async () => {
    await expectSame((x) => x.matmul(x), [numbers([60, 60])]);
    await expectSame((x) => x.matmul(x.transpose(0, 1)), [numbers([200, 130])]);
  });

  it("add the bias", async () => {
    await expectSame(
      (x, w, b) => linear(x, w, b),
      [numbers([70, 20]), numbers([60, 20], 2), numbers([60], 3)],
    );
    await expectSame(
      (x, w, b) => linear(x, w, b),
      [numbers([3, 300]), numbers([2, 300], 2), numbers([2], 3)],
    );
    await expectSame((x, w, b) => linear(x, w, b), [numbers([2, 3, 5]), numbers([1, 5], 2), numbers([1], 3)]);
  });
});

interface Numbers extends View {
  readonly values: Float32Array;
}

/** The tile kernel, compared with the formula. It needs a device with fast shared memory, so this one is declared to have it. */
describeGPU("tiles", () => {
  let backend: WebGPUBackend;
  beforeAll(async () => {
    const adapter = (await (await findGPU()).requestAdapter()) as GPUAdapter;
    backend = new WebGPUBackend(new Gpu(await adapter.requestDevice(), true));
  });
  const view = (layout: Layout, seed: number): Numbers => {
    const values = numbers([layout.shape.reduce((a, b) => a * b, 1)], seed).dataSync() as Float32Array;
    return { storage: backend.upload("float32", values), layout, values };
  };
  const rows = (m: number, n: number, batch = 1) => Layout.contiguous([batch, m, n]);
  const columns = (m: number, n: number) => rows(n, m).permute([0, 2, 1]);

  const program = new MapProgram("scaled", 4, [
    trace(4, (product, bias, residual, scale) => product.add(bias!).mul(scale!).add(residual!)),
  ]);

  async function check(a: Numbers, b: Numbers, withEpilogue = false): Promise<void> {
    const [batch, m, k] = a.layout.shape as [number, number, number];
    const n = b.layout.shape[2]!;
    const layout = rows(m, n, batch);
    const bias = view(Layout.contiguous([n]), 3);
    const residual = view(layout, 4);
    const epilogue: Epilogue = {
      program,
      operands: [{ ...bias, layout: bias.layout.expand(layout.shape) }, residual, 0.5],
    };
    const out = { storage: backend.allocate("float32", layout.size), layout };
    backend.matmul(out, a, b, withEpilogue ? epilogue : undefined);
    const found = await backend.read(out);
    let worst = 0;
    for (let z = 0, e = 0; z < batch; z++) {
      for (let i = 0; i < m; i++) {
        for (let j = 0; j < n; j++, e++) {
          let sum = 0;
          for (let p = 0; p < k; p++)
            sum += a.values[a.layout.at([z, i, p])]! * b.values[b.layout.at([z, p, j])]!;
          if (withEpilogue) sum = (sum + bias.values[j]!) * 0.5 + residual.values[e]!;
          worst = Math.max(worst, Math.abs(found[e]! - sum));
        }
      }
    }
    expect(worst).toBeLessThan(1e-5);
  }

  // Kernels of this size compile slowly on a software device, so few cases cover all ways to read.
  it.each([
    ["rows by rows", 64, 16, 64, rows, rows],
    ["columns by columns", 100, 20, 52, columns, columns],
    ["rows by columns, of odd sizes", 65, 19, 70, rows, columns],
    ["columns by rows, of an odd depth", 128, 33, 68, columns, rows],
  ] as const)("of %s", async (_, m, k, n, left, right) => {
    await check(view(left(m, k), 1), view(right(k, n), 2));
  });

  it("end with an epilogue", async () => {
    await check(view(rows(50, 8), 1), view(rows(8, 52), 2), true);
  });

  it("of batches", async () => {
    const [a, b] = [view(rows(52, 12, 3), 1), view(rows(12, 60), 2)];
    await check(a, { ...b, layout: b.layout.expand([3, 12, 60]) });
  });
});
