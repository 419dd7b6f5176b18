import {
  argwhere,
  bincount,
  cummax,
  index,
  indexPut_,
  maskedSelect,
  nonzero,
  oneHot,
  repeatInterleave,
  scatter,
  scatterReduce,
  type Tensor,
  tensor,
  unique,
  zeros,
} from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import { compile } from "./index";

const x = tensor([3, 1, 2]);

describe("a result whose size depends on elements", () => {
  it.each<[string, (x: Tensor) => unknown]>([
    ["nonzero", (x) => nonzero(x)],
    ["argwhere", (x) => argwhere(x)],
    ["maskedSelect", (x) => maskedSelect(x, x.gt(1))],
    ["index", (x) => index(x, x.gt(1))],
    ["repeatInterleave", (x) => repeatInterleave(x, x)],
    ["unique", (x) => unique(x)],
    ["bincount", (x) => bincount(x)],
  ])("of %s is refused inside of the function, with a remedy", (name, body) => {
    const f = compile((x: Tensor) => body(x) as Tensor, { name: "step" });
    expect(() => f(x)).toThrow(
      `${name}: is called inside of step, which is recorded and not run again; the size of its result depends on the elements: choose with where`,
    );
  });

  it("of oneHot as well, where it has to find the classes", () => {
    expect(() => compile((x: Tensor) => oneHot(x))(x)).toThrow("choose with where");
    expect(compile((x: Tensor) => oneHot(x, 4))(x).shape).toEqual([3, 4]);
  });
});

describe("a program", () => {
  it("looks up other positions at each call, and checks them", () => {
    const f = compile((x: Tensor, i: Tensor, j: Tensor) => index(x, i, j));
    const matrix = tensor([
      [1, 2],
      [3, 4],
    ]);
    expect(f(matrix, tensor([0, 1]), tensor([1, -1])).toArray()).toEqual([2, 4]);
    expect(f(matrix, tensor([1, 1]), tensor([0, 0])).toArray()).toEqual([3, 3]);
    expect(() => f(matrix, tensor([1, 1]), tensor([0, 2]))).toThrow("index 2 is not one of the 2 positions");
  });

  it("writes to memory from outside, in place", () => {
    const memory = zeros([3]);
    const write = compile((at: Tensor, value: Tensor) => {
      indexPut_(memory, [at], value);
      return memory.sum();
    });
    expect(write(tensor([1]), tensor([5])).item()).toBe(5);
    expect(write(tensor([2]), tensor([7])).item()).toBe(12);
    expect(memory.toArray()).toEqual([0, 5, 7]);
  });

  it("runs the kernels that operations bring along", () => {
    const f = compile((x: Tensor, at: Tensor) => [
      cummax(x, 0).indices,
      scatter(x, 0, at, x.narrow(0, 0, 2).mul(10)),
      scatterReduce(x, 0, at, x.narrow(0, 0, 2), "amax"),
    ]);
    for (const [values, at] of [
      [
        [3, 1, 2],
        [0, 2],
      ],
      [
        [1, 5, 2],
        [1, 1],
      ],
    ] as const) {
      const [y, positions] = [tensor(values), tensor(at)];
      const eager = [
        cummax(y, 0).indices,
        scatter(y, 0, positions, y.narrow(0, 0, 2).mul(10)),
        scatterReduce(y, 0, positions, y.narrow(0, 0, 2), "amax"),
      ];
      expect(f(y, positions).map((z) => z.toArray())).toEqual(eager.map((z) => z.toArray()));
    }
  });
});
