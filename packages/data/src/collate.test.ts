import { ShapeError, type Tensor, tensor } from "@thalweg/tensor";
import { describe, expect, expectTypeOf, it } from "vitest";
import { collate } from "./collate";

const deep = (levels: number): unknown => (levels === 0 ? 1 : [deep(levels - 1)]);
const circle: unknown[] = [];
circle.push(circle);

describe("collate", () => {
  it("makes vectors of numbers, matrices of typed arrays, and keeps the structure around them", () => {
    const batch = collate([
      {
        id: 1,
        pixels: new Uint8Array([1, 2]),
        pair: [true, tensor(5)] as [boolean, ReturnType<typeof tensor>],
      },
      { id: 2, pixels: new Uint8Array([3, 4]), pair: [false, tensor(6)] },
    ]);
    expect(batch.id.toArray()).toEqual([1, 2]);
    expect(batch.pixels.toArray()).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(batch.pair.map((x) => x.toArray())).toEqual([
      [1, 0],
      [5, 6],
    ]);
  });

  it("joins pairs into a pair", () => {
    const [x, y] = collate([
      [tensor([1, 2]), 0],
      [tensor([3, 4]), 1],
    ]);
    expectTypeOf(x).toEqualTypeOf<Tensor>();
    expectTypeOf(y).toEqualTypeOf<Tensor>();
    expect(x.shape).toEqual([2, 2]);
    expect(y.toArray()).toEqual([0, 1]);
  });

  it.each<[string, unknown[], string]>([
    ["nothing", [], "collate: there are no examples; pass at least one"],
    [
      "a symbol",
      [[Symbol("a")]],
      "collate: cannot make a batch of a symbol at [0]; return tensors, numbers, texts,",
    ],
    [
      "a text beside a number",
      [["a"], [1]],
      "collate: examples differ at [0], a string in example 0 of the batch and a number",
    ],
    ["deep arrays", [deep(101)], "collate: examples are more than 100 levels deep; make them flat"],
    ["an array that contains itself", [circle], "collate: examples are more than 100 levels deep"],
    [
      "a class with an empty name",
      [Object.create({ constructor: null })],
      "cannot make a batch of a object;",
    ],
    ["nothing in an example", [{ y: undefined }], "cannot make a batch of undefined at y"],
    ["a Date", [new Date(0)], "cannot make a batch of a Date;"],
    [
      "different kinds",
      [{ x: [1, 2] }, { x: [1, tensor(2)] }],
      "collate: examples differ at x[1], a number in example 0 of the batch and a tensor in example 1; " +
        "return the same structure for every index",
    ],
    [
      "different lengths",
      [[1, 2], [1]],
      "examples differ, 2 members in example 0 of the batch and 1 member in example 1",
    ],
    [
      "different keys",
      [{ a: 1 }, { b: 1 }],
      "the keys a in example 0 of the batch and the keys b in example 1",
    ],
  ])("refuses %s", (_, examples, message) => {
    expect(() => collate(examples)).toThrow(message);
  });

  it("refuses tensors of different shapes", () => {
    expect(() => collate([tensor([1]), tensor([1, 2])])).toThrow(ShapeError);
  });
});
