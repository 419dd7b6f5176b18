import { movedim, matrixNorm as plain, type Tensor } from "@thalweg/tensor";
import {
  boolean,
  integer,
  kind,
  list,
  matrixDims,
  operation,
  options as optionsOf,
  tensorKind,
} from "@thalweg/tensor/internal";
import { svdvals } from "./svd";

/** Options of {@link matrixNorm}. */
export interface MatrixNormOptions {
  /**
   * The sum of the singular values "nuc", the largest (2) or the smallest (-2) of them; or one of the norms of `matrixNorm` of
   * `@thalweg/tensor`: "fro", 1, -1, Infinity, -Infinity. "fro" unless given.
   */
  readonly p?: "fro" | "nuc" | number;
  /** The dimensions of rows and columns; the last two unless given. */
  readonly dim?: readonly number[];
  /** Whether these dimensions stay, with extent 1; false unless given. */
  readonly keepDim?: boolean;
}

const order = /* @__PURE__ */ kind(
  '"fro", "nuc", 1, -1, 2, -2, Infinity or -Infinity',
  (value) =>
    value === "fro" ||
    value === "nuc" ||
    (typeof value === "number" && [1, 2, Number.POSITIVE_INFINITY].includes(Math.abs(value))),
);

/**
 * Norms of matrices, of the last two dimensions unless `dim` names others. It is `matrixNorm` of `@thalweg/tensor` with the norms that need
 * singular values.
 *
 * @throws ShapeError when there are no two dimensions; LinAlgError when an element is not finite and singular values are needed.
 * @example
 * linalg.matrixNorm(tensor([[3, 0], [0, -4]]), { p: "nuc" }).item(); // → 7
 */
export const matrixNorm = /* @__PURE__ */ operation(
  "matrixNorm",
  {
    x: tensorKind,
    options: /* @__PURE__ */ optionsOf<MatrixNormOptions>({
      p: order,
      dim: /* @__PURE__ */ list(integer, 2),
      keepDim: boolean,
    }),
  },
  (x: Tensor, options: MatrixNormOptions = {}): Tensor => {
    const { p = "fro", dim = [-2, -1], keepDim = false } = options;
    if (p === "fro" || (p !== "nuc" && Math.abs(p) !== 2)) return plain(x, { p, dim, keepDim });
    const dims = matrixDims(x, dim);
    const values = svdvals(movedim(x, dims, [-2, -1]));
    const norm = p === "nuc" ? values.sum(-1) : p > 0 ? values.amax(-1) : values.amin(-1);
    return keepDim ? norm.unsqueeze(Math.min(...dims)).unsqueeze(Math.max(...dims)) : norm;
  },
);
