import { tensor } from "@thalweg/tensor";
import { expect, it } from "vitest";
import "./index";

it("test runners, which iterate over what they compare, can compare tensors", () => {
  const leaf = (...values: number[]) => tensor(values, { requiresGrad: true });
  const x = leaf(1, 2);
  expect([x]).toEqual([x]);
  expect(leaf(1, 2)).toEqual(leaf(1, 2));
  expect(leaf(1, 2)).not.toEqual(leaf(1, 3));
  expect(x.mul(2)).toEqual(x.mul(2));
  expect(x.mul(2)).not.toEqual(x.mul(3));
  expect(x.mul(2)).not.toBe(x.mul(2));
  expect(x.sum()).toEqual(x.sum());
  expect(tensor([[1, 2]])).toEqual(tensor([[1, 2]]));
});
