import { formatShape, type Shape, ShapeError } from "@thalweg/kernels";
import { tensor } from "../../kinds";
import { number, options } from "../../signature";
import type { Tensor } from "../../tensor";
import { composite } from "../define-op";
import { add, mul } from "../map/arithmetic";
import type { Draw, Sample } from "../sample";
import { reshapeTo } from "../view/reshape";
import { permute } from "../view/shape";
import { bmm, matmul } from "./matmul";

/** Options of {@link addmm} and its relatives. */
export interface AddProductOptions {
  /** Factor of what is added; 1 unless given. If it is 0, NaN and infinities there do not count. */
  readonly beta?: number;
  /** Factor of the product; 1 unless given. */
  readonly alpha?: number;
}

interface Form {
  readonly name: string;
  /** The ranks of both factors. */
  readonly ranks: readonly [number, number];
  readonly form: string;
  product(a: Tensor, b: Tensor): Tensor;
  draw(draw: Draw): readonly [sum: Shape, a: Shape, b: Shape];
}

function checkRanks({ name, ranks, form }: Form, a: Tensor, b: Tensor): void {
  if (a.ndim === ranks[0] && b.ndim === ranks[1]) return;
  throw new ShapeError(
    name,
    `needs ${form}, got ${formatShape(a.shape)} and ${formatShape(b.shape)}`,
    "use matmul and add for others",
    [a.shape, b.shape],
  );
}

/** beta·x + alpha·(a·b), where x broadcasts to the product. */
function addProduct(described: Form) {
  const { name, product } = described;
  const compute = (x: Tensor, a: Tensor, b: Tensor, options: AddProductOptions = {}): Tensor => {
    const { beta = 1, alpha = 1 } = options;
    checkRanks(described, a, b);
    const y = product(a, b);
    const scaled = alpha === 1 ? y : mul(y, alpha);
    const wide = x.expand(y.shape);
    if (beta === 0) return scaled;
    return add(beta === 1 ? wide : mul(wide, beta), scaled);
  };
  return composite(compute, {
    name,
    takes: {
      x: tensor,
      a: tensor,
      b: tensor,
      options: options<AddProductOptions>({ beta: number, alpha: number }),
    },
    forward: ([x, a, b], attrs: AddProductOptions) => compute(x as Tensor, a as Tensor, b as Tensor, attrs),
    sample(draw: Draw): Sample<AddProductOptions> {
      const [sum, a, b] = described.draw(draw);
      const from = draw.int(0, sum.length);
      const shape = sum.slice(from).map((extent) => (draw.boolean() ? 1 : extent));
      return {
        inputs: [{ shape }, { shape: a }, { shape: b }],
        attrs: { beta: draw.pick([1, 0.5]), alpha: draw.pick([1, -2]) },
      };
    },
    errors: [{ shapes: [[2], [2], [2]] }],
  });
}

const sizes = (draw: Draw) =>
  Array.from({ length: 4 }, () => draw.int(1, 3)) as [number, number, number, number];

/**
 * `beta`·x + `alpha`·(a·b) with matrices: [m, k] x [k, n] -> [m, n], to which x broadcasts.
 *
 * @throws ShapeError when the factors are not matrices that fit, or x does not broadcast.
 * @example
 * addmm(tensor([10, 20]), tensor([[1, 2]]), tensor([[1, 0], [0, 1]])).toArray(); // → [[11,22]]
 */
export const addmm = /* @__PURE__ */ addProduct({
  name: "addmm",
  ranks: [2, 2],
  form: "matrices [m, k] and [k, n]",
  product: matmul,
  draw(draw) {
    const [m, k, n] = sizes(draw);
    return [
      [m, n],
      [m, k],
      [k, n],
    ];
  },
});

/** `beta`·x + `alpha`·(a·b) with a matrix and a vector: [m, k] x [k] -> [m]; otherwise like {@link addmm}. */
export const addmv = /* @__PURE__ */ addProduct({
  name: "addmv",
  ranks: [2, 1],
  form: "a matrix [m, k] and a vector [k]",
  product: matmul,
  draw(draw) {
    const [m, k] = sizes(draw);
    return [[m], [m, k], [k]];
  },
});

/** `beta`·x + `alpha`·(a·b) with batches of matrices: [b, m, k] x [b, k, n] -> [b, m, n]; otherwise like {@link addmm}. */
export const baddbmm = /* @__PURE__ */ addProduct({
  name: "baddbmm",
  ranks: [3, 3],
  form: "batches [b, m, k] and [b, k, n]",
  product: bmm,
  draw(draw) {
    const [b, m, k, n] = sizes(draw);
    return [
      [b, m, n],
      [b, m, k],
      [b, k, n],
    ];
  },
});

/** The sum of the products of a batch is one product of wider matrices. */
function sumOfProducts(a: Tensor, b: Tensor): Tensor {
  const [batch, m, k] = a.shape as [number, number, number];
  const [, rows, n] = b.shape as [number, number, number];
  if (b.shape[0] !== batch || rows !== k) {
    throw new ShapeError(
      "addbmm",
      `the batches do not fit, ${formatShape(a.shape)} and ${formatShape(b.shape)}`,
      "they are [b, m, k] and [b, k, n]",
      [a.shape, b.shape],
    );
  }
  return matmul(reshapeTo(permute(a, [1, 0, 2]), [m, batch * k]), reshapeTo(b, [batch * k, n]));
}

/** `beta`·x + `alpha`·Σ(aᵢ·bᵢ) over a batch of matrices: [b, m, k] x [b, k, n] -> [m, n]; otherwise like {@link addmm}. */
export const addbmm = /* @__PURE__ */ addProduct({
  name: "addbmm",
  ranks: [3, 3],
  form: "batches [b, m, k] and [b, k, n]",
  product: sumOfProducts,
  draw(draw) {
    const [b, m, k, n] = sizes(draw);
    return [
      [m, n],
      [b, m, k],
      [b, k, n],
    ];
  },
});
