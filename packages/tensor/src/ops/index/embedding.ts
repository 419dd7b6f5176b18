import { tensor } from "../../kinds";
import { atLeastZero, either, integer, oneOf, operation, options, real } from "../../signature";
import type { Tensor } from "../../tensor";
import { where } from "../map/choice";
import { eq } from "../map/comparison";
import { unsqueeze } from "../view/shape";
import { checkTable, embedding as plain } from "./gather";
import { paddingRow, shorten } from "./table";

/** Options of {@link embedding}. */
export interface LookupOptions {
  /** A row for padding, which gets no gradient; counted from the end if negative. None, or null, unless given. */
  readonly paddingIdx?: number | null;
  /** Largest norm of a row: longer rows are shortened in place when they are looked up. No limit, or null, unless given. */
  readonly maxNorm?: number | null;
  /** Order of that norm; 2 unless given. */
  readonly normType?: number;
}

/**
 * Looks up rows of `weight` [n, d] for an index of any shape: [...] -> [..., d].
 *
 * @throws IndexError when an index is not that of a row; ShapeError unless `weight` is a matrix.
 * @example
 * embedding(tensor([1, 0, 1]), tensor([[1, 2], [3, 4]])).toArray(); // → [[3,4],[1,2],[3,4]]
 */
export const embedding = /* @__PURE__ */ operation(
  "embedding",
  {
    index: tensor,
    weight: tensor,
    options: /* @__PURE__ */ options<LookupOptions>({
      paddingIdx: /* @__PURE__ */ either(integer, /* @__PURE__ */ oneOf(null)),
      maxNorm: /* @__PURE__ */ either(atLeastZero, /* @__PURE__ */ oneOf(null)),
      normType: real,
    }),
  },
  (index: Tensor, weight: Tensor, options: LookupOptions = {}): Tensor => {
    const { paddingIdx = null, maxNorm = null, normType = 2 } = options;
    checkTable("embedding", weight);
    const padding = paddingRow("embedding", paddingIdx, weight.shape[0]!);
    if (maxNorm !== null) shorten(weight, index, maxNorm, normType);
    const rows = plain(index, weight);
    return padding === null ? rows : where(unsqueeze(eq(index, padding), -1), rows.detach(), rows);
  },
);
