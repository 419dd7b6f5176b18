import { arange, zeros } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import { Flatten } from "../index";

describe("Flatten", () => {
  it("keeps the batch and merges the rest", () => {
    const x = arange(24).reshape([2, 3, 4]);
    const y = new Flatten().forward(x);
    expect(y.shape).toEqual([2, 12]);
    expect(y.storage).toBe(x.storage);
    expect(new Flatten().forward(zeros([0, 2, 3])).shape).toEqual([0, 6]);
  });

  it("merges the given dimensions", () => {
    const x = zeros([2, 3, 4, 5]);
    expect(new Flatten(0, 1).forward(x).shape).toEqual([6, 4, 5]);
    expect(new Flatten(-2, -1).forward(x).shape).toEqual([2, 3, 20]);
    expect(() => new Flatten(2, 1).forward(x)).toThrow(
      "Flatten: the first dim comes after the last, 2 and 1 of shape [2, 3, 4, 5]; swap them",
    );
  });
});
