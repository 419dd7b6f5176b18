import { ThalwegError } from "@thalweg/kernels";
import { full, linear, ones, profile, type Tensor, tensor, zeros } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import { accelerator } from "../accelerator";

/** More elements than 31 bits can count. An expanded view takes only a few bytes for them. */
const beyond = 2 ** 31 + 8;
const long = tensor([3]).expand([beyond]);

describe("more than 2^31 elements of an expanded view", () => {
  it("are all reduced", () => {
    const wide = ones([1, 2 ** 20]).expand([2049, 2 ** 20]);
    expect(wide.mean().item()).toBe(1);
    expect(wide.sum(0).eq(2049).all().item()).toBe(1);
    expect(wide.max(0).eq(1).all().item()).toBe(1);
  });

  it("have a maximum", () => {
    expect(long.max().item()).toBe(3);
  });

  it("are all multiplied", () => {
    const [row, column] = [tensor([[1]]).expand([1, beyond]), tensor([[2]]).expand([beyond, 1])];
    expect(row.matmul(column).item()).toBe(2 ** 32);
  });

  it("are gathered at positions beyond 31 bits", () => {
    const { result, kernels } = profile(() => long.gather(0, full([5000], 2 ** 31)));
    expect(result.eq(3).all().item()).toBe(1);
    expect(kernels[0]!.tiers).toEqual(["js"]);
    expect(
      long
        .indexSelect(0, full([5000], 2 ** 31))
        .eq(3)
        .all()
        .item(),
    ).toBe(1);
    expect(() => long.indexSelect(0, full([5000], 2 ** 31 + 256))).toThrow(ThalwegError);
    expect(
      long
        .narrow(0, 2 ** 31, 8)
        .add(1)
        .toArray(),
    ).toEqual(new Array(8).fill(4));
    expect(
      long
        .reshape([2, beyond / 2])
        .select(1, 2 ** 30)
        .toArray(),
    ).toEqual([3, 3]);
  });

  it("are scattered by JavaScript only", () => {
    const [index, src] = [tensor([1]).expand([beyond]), tensor([2]).expand([beyond])];
    const sums = zeros([2]);
    expect(accelerator()!.scatterAdd(sums, 0, index, src)).toBe(false);
    expect(accelerator()!.scatterAdd(sums, 0, index.narrow(0, 0, 2 ** 20), src.narrow(0, 0, 2 ** 20))).toBe(
      true,
    );
    expect(sums.toArray()).toEqual([0, 2 ** 21]);
  });

  const refused: [string, () => unknown][] = [
    ["clone", () => long.clone()],
    ["exp", () => long.exp()],
    ["add", () => long.add(tensor([1]))],
    ["softmax", () => long.softmax(0)],
    ["cumsum", () => long.cumsum(0)],
    ["linear", () => linear(tensor([[1]]).expand([2 ** 20, 1]), tensor([[1]]).expand([2 ** 20, 1]))],
    [
      "matmul",
      () =>
        tensor([[1]])
          .expand([2 ** 20, 1])
          .matmul(tensor([[1]]).expand([1, 2 ** 20])),
    ],
    ["gather", () => tensor([1]).gather(0, tensor([0]).expand([beyond]))],
  ];

  it.each(refused)("are refused by %s, which would have to write them", (name, call) => {
    expect(call).toThrow(`${name}: too many elements, shape [`);
  });

  it("can be counted beyond 32 bits", () => {
    const x: Tensor = tensor(1).expand([2 ** 50]);
    expect(x.size).toBe(2 ** 50);
    expect(x.select(0, 2 ** 49).item()).toBe(1);
    expect(x.slice([2 ** 49, 2 ** 49 + 3]).toArray()).toEqual([1, 1, 1]);
  });
});
