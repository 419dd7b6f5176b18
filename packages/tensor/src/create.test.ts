import { fc, test } from "@fast-check/vitest";
import { DeviceError, DTypeError, IndexError, ShapeError } from "@thalweg/kernels";
import { describe, expect, it } from "vitest";
import {
  arange,
  empty,
  eye,
  full,
  fullLike,
  linspace,
  ones,
  onesLike,
  type TensorData,
  tensor,
  zeros,
  zerosLike,
} from "./create";
import "./index";
import { bernoulli, rand, randint, randn, randperm } from "./random";

/** Data that the types would refuse. */
const untyped = (value: unknown) => value as TensorData;

describe("tensor", () => {
  it("takes a number, a boolean, nested arrays or a typed array", () => {
    expect(tensor(2.5)).toMatchObject({ shape: [], ndim: 0, size: 1 });
    expect(tensor(true).item()).toBe(1);
    expect(tensor([[1, 2, 3]]).shape).toEqual([1, 3]);
    expect(tensor([[true], [false]]).toArray()).toEqual([[1], [0]]);
    expect(tensor(new Uint8Array([1, 255])).toArray()).toEqual([1, 255]);
    expect(tensor(new Float64Array(6), { shape: [3, 2] }).shape).toEqual([3, 2]);
  });

  it("takes typed arrays as rows, mixed with ordinary ones", () => {
    const rows = [
      [1, 2],
      [3, 4],
    ];
    expect(tensor([new Float32Array([1, 2]), new Float32Array([3, 4])]).toArray()).toEqual(rows);
    expect(tensor([[new Uint8Array([1, 2])], [[3, 4]]]).toArray()).toEqual([[rows[0]], [rows[1]]]);
    expect(tensor([new Float32Array(0), []]).shape).toEqual([2, 0]);
    expect(() => tensor([new Float32Array(2), new Float32Array(3)])).toThrow(
      "tensor: rows differ in length, 2 elements and 3 elements at depth 1; make all rows equally long",
    );
    expect(() => tensor([1, new Float32Array(3)])).toThrow(
      "tensor: expected a number at depth 1, got an array of 3; nest all rows alike",
    );
    expect(() => tensor(untyped([new BigInt64Array(2)]))).toThrow(DTypeError);
  });

  it("refuses arrays that contain themselves", () => {
    const data: unknown[] = [];
    data.push(data);
    expect(() => tensor(untyped(data))).toThrow("tensor: rows are more than 64 levels deep; nest them less");
  });

  it("takes empty arrays", () => {
    expect(tensor([]).shape).toEqual([0]);
    expect(tensor([[], []]).shape).toEqual([2, 0]);
    expect(tensor([[], []]).toArray()).toEqual([[], []]);
    expect(tensor([], { shape: [0, 3] }).shape).toEqual([0, 3]);
  });

  it("copies its data, and rounds it to float32", () => {
    const data = new Float32Array([1, 2]);
    const x = tensor(data);
    data[0] = 9;
    expect(x.toArray()).toEqual([1, 2]);
    expect(tensor(0.1).item()).toBe(Math.fround(0.1));
    expect(tensor(0.1, { dtype: "float64" }).item()).toBe(0.1);
  });

  it("is a leaf that requires grad only on request", () => {
    expect(tensor([1])).toMatchObject({ requiresGrad: false, isLeaf: true, grad: null });
    expect(tensor([1], { requiresGrad: true })).toMatchObject({ requiresGrad: true, isLeaf: true });
  });

  it("does not change with the array that its shape came from", () => {
    const shape = [2, 3];
    const x = tensor([1, 2, 3, 4, 5, 6], { shape });
    shape[0] = 99;
    expect(x.shape).toEqual([2, 3]);
  });

  test.prop([fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 4 })])(
    "returns the nested arrays that it was made from",
    (shape) => {
      let next = 0;
      const nest = (depth: number): TensorData =>
        depth === shape.length
          ? next++
          : (Array.from({ length: shape[depth]! }, () => nest(depth + 1)) as TensorData);
      const data = nest(0);
      const x = tensor(data);
      expect(x.toArray()).toEqual(data);
      // Nested arrays do not show the dimensions inside an empty one.
      const cut = shape.indexOf(0);
      expect(x.shape).toEqual(cut < 0 ? shape : shape.slice(0, cut + 1));
    },
  );
});

describe("refused data", () => {
  it.each([
    [
      [[1, 2], [3]],
      "tensor: rows differ in length, 2 elements and 1 elements at depth 1; make all rows equally long",
    ],
    [[[1, 2], 3], "tensor: rows differ in length, 2 elements and 3 at depth 1; make all rows equally long"],
    [
      [
        [[1], [2]],
        [[3], [4, 5]],
      ],
      "tensor: rows differ in length, 1 elements and 2 elements at depth 2; make all rows equally long",
    ],
  ])("%j is ragged", (data, message) => {
    expect(() => tensor(untyped(data))).toThrow(ShapeError);
    expect(() => tensor(untyped(data))).toThrow(message);
  });

  it.each([
    [[1, [2]], "tensor: expected a number at depth 1, got an array of 1; nest all rows alike"],
    [[1, "2"], 'tensor: expected a number at depth 1, got "2"; nest all rows alike'],
    [[1, Symbol("s")], "tensor: expected a number at depth 1, got Symbol(s); nest all rows alike"],
    [[1, Object.create(null)], "tensor: expected a number at depth 1, got an object; nest all rows alike"],
    [[[1, null]], "tensor: expected a number at depth 2, got null; nest all rows alike"],
    [[1n], "tensor: expected a number at depth 1, got 1n; nest all rows alike"],
  ])("%o holds a value that is not a number", (data, message) => {
    expect(() => tensor(untyped(data))).toThrow(DTypeError);
    expect(() => tensor(untyped(data))).toThrow(message);
  });

  it.each([
    ["abc", '"abc"'],
    [null, "null"],
    [undefined, "nothing"],
    [{ 0: 1, length: 1 }, "an object"],
    [() => 1, "a function"],
  ])("%s cannot be read", (data, got) => {
    expect(() => tensor(untyped(data))).toThrow(DTypeError);
    expect(() => tensor(untyped(data))).toThrow(
      `tensor: data must be a number, nested arrays of numbers or a typed array, got ${got}`,
    );
  });

  it.each([
    ["BigInt64Array", new BigInt64Array(2)],
    ["DataView", new DataView(new ArrayBuffer(8))],
  ])("a %s cannot be read either", (_, data) => {
    expect(() => tensor(untyped(data))).toThrow(DTypeError);
  });

  it("may not fill the shape", () => {
    expect(() => tensor([1, 2, 3], { shape: [2, 2] })).toThrow(ShapeError);
    expect(() => tensor([1, 2, 3], { shape: [2, 2] })).toThrow(
      "tensor: the data does not fill the shape, 3 numbers and [2, 2]; it takes 4",
    );
    expect(() => tensor([1, 2, 3], { shape: [-1] })).toThrow(
      "tensor: shape must be an array of whole numbers from 0 on, got [-1]; call it as tensor(data, { shape?, device?, dtype?, requiresGrad? })",
    );
  });

  it("may be for a device that does not exist", () => {
    expect(() => tensor([1], { device: "abacus" })).toThrow(DeviceError);
    expect(() => zeros([1], { device: "abacus" })).toThrow(
      'zeros: there is no device "abacus"; available: cpu',
    );
  });
});

describe("filled tensors", () => {
  it("keep the sign of a zero, whatever their size", () => {
    for (const size of [1, 9, 2000]) {
      expect(full([size], -0).dataSync()).toEqual(new Float32Array(size).fill(-0));
      expect(zeros([size]).dataSync()).toEqual(new Float32Array(size));
    }
  });

  it("have the value in every element", () => {
    expect(zeros([2, 1]).toArray()).toEqual([[0], [0]]);
    expect(ones([3]).toArray()).toEqual([1, 1, 1]);
    expect(full([2], -0.5).toArray()).toEqual([-0.5, -0.5]);
    expect(full([], 7).item()).toBe(7);
    expect(empty([2, 3]).shape).toEqual([2, 3]);
    expect(zeros([0, 2]).toArray()).toEqual([]);
  });

  it("take shape, type and device of another tensor, unless options override them", () => {
    const x = tensor([[1, 2]], { dtype: "float64", requiresGrad: true });
    expect(zerosLike(x)).toMatchObject({ shape: [1, 2], dtype: "float64", requiresGrad: false });
    expect(onesLike(x, { dtype: "float32" }).dtype).toBe("float32");
    expect(fullLike(x, 3, { requiresGrad: true }).requiresGrad).toBe(true);
    expect(onesLike(tensor([[1], [2]]).transpose(0, 1)).strides).toEqual([2, 1]);
  });

  it("refuse a value that is not a shape", () => {
    expect(() => zeros(3 as unknown as number[])).toThrow(
      "zeros: shape must be an array of whole numbers from 0 on, got 3; call it as zeros(shape, { device?, dtype?, requiresGrad? })",
    );
    expect(() => ones([2, -1])).toThrow(
      "ones: shape must be an array of whole numbers from 0 on, got [2, -1]",
    );
  });

  it("have ones along the diagonal of an identity matrix", () => {
    expect(eye(2).toArray()).toEqual([
      [1, 0],
      [0, 1],
    ]);
    expect(eye(2, 3).toArray()).toEqual([
      [1, 0, 0],
      [0, 1, 0],
    ]);
    expect(eye(0).shape).toEqual([0, 0]);
  });
});

describe("ranges", () => {
  it("exclude their end", () => {
    expect(arange(3).toArray()).toEqual([0, 1, 2]);
    expect(arange(2, 5).toArray()).toEqual([2, 3, 4]);
    expect(arange(0).shape).toEqual([0]);
    expect(arange(0, 1, { step: 0.25 }).toArray()).toEqual([0, 0.25, 0.5, 0.75]);
    expect(arange(3, 0, { step: -1 }).toArray()).toEqual([3, 2, 1]);
    expect(arange(2.5).toArray()).toEqual([0, 1, 2]);
  });

  it("refuse a step of the wrong sign, and a step of 0", () => {
    expect(() => arange(3, 0)).toThrow(IndexError);
    expect(() => arange(3, 0)).toThrow("arange: step 1 does not lead from 3 to 0; change its sign");
    expect(() => arange(0, 1, { step: 0 })).toThrow(
      "arange: step 0 does not lead from 0 to 1; change its sign",
    );
  });

  const end = fc.integer({ min: -1000, max: 1000 }).map((n) => n / 7);

  test.prop([end, end, fc.integer({ min: 2, max: 50 })])(
    "include both ends exactly when spaced evenly",
    (start, stop, count) => {
      const data = linspace(start, stop, count, { dtype: "float64" }).dataSync();
      expect(data.length).toBe(count);
      expect(data[0]).toBe(start);
      expect(data[count - 1]).toBe(stop);
      const step = (stop - start) / (count - 1);
      data.forEach((value, i) => {
        expect(Math.abs(value - (start + i * step))).toBeLessThanOrEqual(1e-12 * (1 + Math.abs(value)));
      });
    },
  );

  it("of one number or none begin at the start", () => {
    expect(linspace(2, 5, 1).toArray()).toEqual([2]);
    expect(linspace(2, 5, 0).shape).toEqual([0]);
    expect(linspace(0, 1, { count: 3 }).toArray()).toEqual([0, 0.5, 1]);
    expect(() => linspace(0, 1, -1)).toThrow(
      "linspace: count must be a whole number from 0 on, or an object of options, got -1",
    );
  });
});

describe("sizes beyond memory", () => {
  const most = "and at most 2147483647 are possible; use smaller sizes";

  it.each([
    ["zeros", () => zeros([3e9])],
    ["ones", () => ones([3e9])],
    ["full", () => full([3e9], 1)],
    ["empty", () => empty([3e9])],
    ["arange", () => arange(3e9)],
    ["linspace", () => linspace(0, 1, 3e9)],
    ["rand", () => rand([3e9])],
    ["randn", () => randn([3e9])],
    ["randint", () => randint([3e9], 3)],
    ["randperm", () => randperm(3e9)],
    ["bernoulli", () => bernoulli([3e9])],
  ])("are refused at once by %s", (name, create) => {
    expect(create).toThrow(`${name}: too many elements, shape [3000000000] has 3000000000 ${most}`);
  });

  it("are refused where they are products, and beyond 2^53", () => {
    expect(() => eye(2 ** 16)).toThrow("eye: too many elements, shape [65536, 65536] has 4294967296");
    expect(() => zeros([2 ** 40, 2 ** 40, 2 ** 40])).toThrow("zeros: too many elements");
    expect(() => tensor([], { shape: [2 ** 40] })).toThrow("tensor: too many elements");
    expect(() => arange(1e300)).toThrow("arange: sizes must be whole numbers from 0 on, got [1e+300]");
    expect(zeros([0, 2 ** 40]).size).toBe(0);
    expect(() => zerosLike(tensor(1).expand([2 ** 40]))).toThrow("zerosLike: too many elements");
  });

  it("are refused by reads", () => {
    const wide = tensor(1).expand([2 ** 40]);
    expect(() => wide.dataSync()).toThrow("dataSync: out of memory, 1099511627776 numbers were requested");
    expect(() => wide.toArray()).toThrow("toArray: out of memory");
    expect(() => wide.toString()).toThrow("toString: out of memory");
  });
});
