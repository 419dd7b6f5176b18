import { describe, expect, it } from "vitest";
import * as library from "../index";
import { type Tensor, tensor, zeros } from "../index";
import { type DispatchLayer, pushLayer } from "./apply";
import type { Composite } from "./op";

const image = zeros([1, 4, 4, 4]);

/** Arguments for a call of each composite, by name. */
const calls: Record<string, readonly unknown[]> = {
  layerNorm: [tensor([[1, 3]]), 2],
  rmsNorm: [tensor([[1, 3]]), 2, { eps: 0.1 }],
  batchNorm: [image, { training: true }],
  groupNorm: [image, 2],
  scaledDotProductAttention: [zeros([2, 3]), zeros([4, 3]), zeros([4, 5]), { isCausal: true }],
  maxPool1d: [zeros([1, 2, 8]), 2],
  maxPool2d: [image, 2, { stride: 1 }],
  avgPool1d: [zeros([1, 2, 8]), 2],
  avgPool2d: [image, 2],
  adaptiveAvgPool1d: [zeros([1, 2, 8]), 3],
  adaptiveAvgPool2d: [image, 1],
  adaptiveMaxPool1d: [zeros([1, 2, 8]), 3],
  adaptiveMaxPool2d: [image, 1],
  addbmm: [zeros([2, 2]), zeros([3, 2, 2]), zeros([3, 2, 2])],
  addmm: [zeros([2]), zeros([2, 2]), zeros([2, 2]), { beta: 2 }],
  addmv: [zeros([2]), zeros([2, 2]), zeros([2])],
  baddbmm: [zeros([2]), zeros([3, 2, 2]), zeros([3, 2, 2])],
  cdist: [zeros([2, 3]), zeros([4, 3]), { p: 1 }],
  col2im: [zeros([2, 2]), [1, 3], [1, 2]],
  corrcoef: [zeros([2, 3])],
  cosineSimilarity: [zeros([2, 3]), zeros([2, 3]), { dim: 1 }],
  cov: [zeros([2, 3]), { correction: 0 }],
  cross: [zeros([2, 3]), zeros([2, 3]), 1],
  embeddingBag: [zeros([2, 2], { dtype: "int32" }), zeros([3, 2])],
  glu: [zeros([2, 4]), 1],
  im2col: [zeros([1, 2, 3]), 2],
  inner: [zeros([2, 3]), zeros([3])],
  instanceNorm: [image],
  interpolate: [image, { scaleFactor: 2 }],
  kron: [zeros([2]), zeros([3])],
  localResponseNorm: [image, 2],
  logcumsumexp: [zeros([2, 3]), 1],
  maskedScatter: [zeros([2]), zeros([2]), zeros([3])],
  matrixNorm: [zeros([2, 3]), { p: 1 }],
  nanmean: [zeros([2, 3]), 1, { keepDim: true }],
  nansum: [zeros([2, 3]), 1],
  normalize: [zeros([2, 3]), { dim: 1 }],
  pairwiseDistance: [zeros([2, 3]), zeros([2, 3])],
  pixelShuffle: [zeros([1, 4, 2, 2]), 2],
  pixelUnshuffle: [zeros([1, 1, 4, 4]), 2],
  tensordot: [zeros([2, 3]), zeros([3, 2]), 1],
};

type Announced = ((...args: readonly unknown[]) => Tensor) & { readonly composite: Composite };
const composites = Object.entries(library).filter(
  (entry): entry is [string, Announced] => typeof entry[1] === "function" && "composite" in entry[1],
);

/** A layer that records the calls that it sees. */
function noting(seen: string[], prefix = ""): DispatchLayer {
  const layer: DispatchLayer = (op, inputs, attrs, next) => {
    seen.push(`${prefix}${op.name}`);
    return next(op, inputs, attrs);
  };
  layer.composite = ({ name }, _, run) => {
    seen.push(`${prefix}(${name}`);
    try {
      return run();
    } finally {
      seen.push(`${prefix}${name})`);
    }
  };
  return layer;
}

function within<T>(layer: DispatchLayer, body: () => T): T {
  const pop = pushLayer(layer);
  try {
    return body();
  } finally {
    pop();
  }
}

describe("a composite", () => {
  it("has a call in this file", () => {
    expect(composites.map(([name]) => name).sort()).toEqual(Object.keys(calls).sort());
  });

  it.each(composites)("%s announces itself, with its arguments, around its operations", (name, f) => {
    const args = calls[name]!;
    const seen: string[] = [];
    let given: readonly unknown[] = [];
    let result: Tensor | undefined;
    const layer = noting(seen);
    const note = layer.composite!;
    layer.composite = (record, all, run) => {
      const y = note(record, all, run);
      if (record === f.composite) [given, result] = [all, y];
      return y;
    };
    const y = within(layer, () => f(...args));
    expect(y === result).toBe(true);
    expect(given).toHaveLength(Object.keys(f.composite.takes).length);
    expect(given.every((arg, i) => arg === args[i])).toBe(true);
    expect([seen[0], seen.at(-1)]).toEqual([`(${name}`, `${name})`]);
    expect(seen.length).toBeGreaterThan(2);
    expect(seen.filter((event) => event === `(${name}`)).toHaveLength(1);
    const count = seen.length;
    expect(f(...args).toArray()).toEqual(y.toArray());
    expect(seen).toHaveLength(count);
  });

  it("is seen by upper layers around lower ones, and not by layers without `composite`", () => {
    const seen: string[] = [];
    const plain: DispatchLayer = (op, inputs, attrs, next) => next(op, inputs, attrs);
    within(noting(seen, "lower "), () =>
      within(plain, () => within(noting(seen, "upper "), () => library.rmsNorm(tensor([1, 3]), 2))),
    );
    expect(seen.slice(0, 4)).toEqual(["upper (rmsNorm", "lower (rmsNorm", "upper square", "lower square"]);
    expect(seen.slice(-2)).toEqual(["lower rmsNorm)", "upper rmsNorm)"]);
  });

  it("with wrong arguments is not announced, and errors within it carry its name", () => {
    const seen: string[] = [];
    within(noting(seen), () => {
      expect(() => library.layerNorm(5 as never, 2)).toThrow("layerNorm: x must be a tensor");
      expect(seen).toEqual([]);
      expect(() => library.layerNorm(tensor([1, 2]), 3)).toThrow("layerNorm: ");
    });
    expect(seen).toEqual(["(layerNorm", "layerNorm)"]);
  });

  it("may be replaced by a layer", () => {
    const layer: DispatchLayer = (op, inputs, attrs, next) => next(op, inputs, attrs);
    const other = tensor([7, 7]);
    layer.composite = () => other;
    expect(within(layer, () => library.rmsNorm(tensor([1, 3]), 2))).toBe(other);
    expect(library.rmsNorm(tensor([3, 3]), 2, { eps: 0 }).toArray()).toEqual([1, 1]);
  });
});
