import { ArgumentError } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import { SyncBatchNorm1d, SyncBatchNorm2d } from "./sync-batch-norm";

describe.each([
  ["SyncBatchNorm1d", SyncBatchNorm1d],
  ["SyncBatchNorm2d", SyncBatchNorm2d],
])("%s", (name, Layer) => {
  it.each([[undefined], [null], [{}], [{ world: 2 }]])("refuses the options %j", (options) => {
    expect(() => new Layer(3, options as never)).toThrow(ArgumentError);
    expect(() => new Layer(3, options as never)).toThrow(new RegExp(`^${name}: world must be `));
  });
});
