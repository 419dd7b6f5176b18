import { fc, test } from "@fast-check/vitest";
import { GradientError, ShapeError } from "@thalweg/kernels";
import { describe, expect, it } from "vitest";
import { arange, tensor, zeros } from "./create";
import "./index";
import { Tensor } from "./tensor";

describe("item", () => {
  it("returns the only element for every rank and layout", () => {
    expect(tensor([[[2.5]]]).item()).toBe(2.5);
    expect(arange(6).reshape([2, 3]).select(0, 1).select(0, 2).item()).toBe(5);
    expect(tensor([7]).expand([1, 1]).item()).toBe(7);
  });

  it("refuses tensors without exactly one element", () => {
    const x = zeros([2, 3]);
    expect(() => x.item()).toThrow(ShapeError);
    expect(() => x.item()).toThrow(
      "item: needs exactly one element, shape [2, 3] has 6; reduce it first, or use toArray()",
    );
    expect(() => zeros([0]).item()).toThrow("item: needs exactly one element, shape [0] has 0");
  });
});

describe("reading", () => {
  it("copies the elements into a typed array of the tensor's own type", async () => {
    const x = tensor([1, 2]);
    const data = x.dataSync();
    expect(data).toBeInstanceOf(Float32Array);
    data[0] = 99;
    expect(x.toArray()).toEqual([1, 2]);
    expect(tensor([1], { dtype: "float64" }).dataSync()).toBeInstanceOf(Float64Array);
    const later = await x.data();
    later[1] = 99;
    expect(x.toArray()).toEqual([1, 2]);
  });

  it("follows the layout, not the memory", () => {
    const x = arange(6).reshape([2, 3]);
    expect([...x.transpose(0, 1).dataSync()]).toEqual([0, 3, 1, 4, 2, 5]);
    expect([...x.flip([0, 1]).dataSync()]).toEqual([5, 4, 3, 2, 1, 0]);
    expect([...x.select(1, 1).dataSync()]).toEqual([1, 4]);
    expect([...tensor([1]).expand([3]).dataSync()]).toEqual([1, 1, 1]);
  });

  const shape = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 4 });

  test.prop([shape])("nests arrays as deep as there are dimensions", (extents) => {
    const x = arange(extents.reduce((a, b) => a * b, 1)).reshape(extents);
    const flat = x.ndim === 0 ? [x.toArray()] : (x.toArray() as unknown[]).flat(x.ndim);
    expect(flat).toEqual([...x.dataSync()]);
    let level: unknown = x.toArray();
    for (const extent of extents) {
      expect(level).toHaveLength(extent);
      if (extent === 0) return;
      level = (level as unknown[])[0];
    }
    expect(level).toBe(0);
  });
});

describe("copies and views", () => {
  it("clone copies to new memory, in row-major order", () => {
    const x = arange(4).reshape([2, 2]);
    const copy = x.transpose(0, 1).clone();
    expect(copy.isContiguous()).toBe(true);
    x.fill_(9);
    expect(copy.toArray()).toEqual([
      [0, 2],
      [1, 3],
    ]);
  });

  it("contiguous returns the tensor itself if it is row-major", () => {
    const x = arange(4).reshape([2, 2]);
    expect(x.contiguous()).toBe(x);
    const dense = x.transpose(0, 1).contiguous();
    expect(dense.storage).not.toBe(x.storage);
    expect(dense.toArray()).toEqual(x.transpose(0, 1).toArray());
  });

  it("detach shares the memory, but neither history nor name", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const bare = x.detach();
    expect(bare).toMatchObject({ requiresGrad: false, isLeaf: true, grad: null });
    expect(bare.storage).toBe(x.storage);
    bare.fill_(5);
    expect(x.toArray()).toEqual([5, 5]);
  });

  it("have shape, strides and offset", () => {
    const x = arange(24).reshape([2, 3, 4]);
    expect(x).toMatchObject({
      strides: [12, 4, 1],
      offset: 0,
      ndim: 3,
      size: 24,
      dtype: "float32",
      device: "cpu",
    });
    const y = x.transpose(0, 2).slice([1, 3], null, 1);
    expect(y).toMatchObject({ shape: [2, 3], strides: [1, 4], offset: 13 });
    expect(y.isContiguous()).toBe(false);
  });
});

describe("without an engine for differentiation", () => {
  const x = tensor([1], { requiresGrad: true });

  it.each([
    ["backward", () => x.backward()],
    ["retainGrad", () => x.retainGrad()],
    ["registerHook", () => x.registerHook(() => undefined)],
    ["registerPostAccumulateGradHook", () => x.registerPostAccumulateGradHook(() => undefined)],
  ])("%s names the package to import", (name, call) => {
    expect(call).toThrow(GradientError);
    expect(call).toThrow(
      `${name}: no differentiation engine is installed; ` +
        'import "@thalweg/autograd" (or anything from it) once in your program',
    );
  });

  it("operations still compute, and record nothing", () => {
    expect(x.mul(2)).toMatchObject({ requiresGrad: false, isLeaf: true });
  });
});

describe("methods", () => {
  it("also exist as functions of the same name", async () => {
    const functions = await import("./ops");
    for (const name of Object.keys(functions)) expect(Tensor.prototype).toHaveProperty(name);
  });

  it("where uses the tensor as the first choice", () => {
    expect(
      tensor([1, 2])
        .where(tensor([0, 1]), -1)
        .toArray(),
    ).toEqual([-1, 2]);
  });
});
