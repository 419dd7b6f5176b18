import { IndexError } from "@thalweg/kernels";
import { ones, zeros } from "../../create";
import { replay } from "../../replay";
import type { Tensor } from "../../tensor";
import { add, div, mul } from "../map/arithmetic";
import { where } from "../map/choice";
import { gt } from "../map/comparison";
import { norm } from "../reduce/norms";
import { reshapeTo } from "../view/reshape";
import { unsqueeze } from "../view/shape";
import { mul_ } from "../write";
import { scatterAdd } from "./gather";

/** The row of a table for padding, from 0 on; null for none. */
export function paddingRow(op: string, paddingIdx: number | null, count: number): number | null {
  if (paddingIdx === null) return null;
  if (paddingIdx >= -count && paddingIdx < count) return (paddingIdx + count) % count;
  throw new IndexError(
    op,
    `there is no row ${paddingIdx}, the table has ${count}`,
    `paddingIdx must be a whole number from ${-count} to ${count - 1}`,
  );
}

/** Limits the norms of the rows of a table that are looked up, in place. */
export function shorten(weight: Tensor, index: Tensor, maxNorm: number, normType: number): void {
  if (replay.running) return;
  const table = weight.detach();
  const options = { dtype: table.dtype, device: table.device };
  const flat = reshapeTo(index.detach(), [index.size]);
  const uses = scatterAdd(zeros([table.shape[0]!], options), 0, flat, ones(flat.shape, options));
  const norms = norm(table, 1, { p: normType, keepDim: true });
  const isLong = mul(gt(norms, maxNorm), unsqueeze(gt(uses, 0), 1));
  // PyTorch's small number.
  mul_(table, where(isLong, div(maxNorm, add(norms, 1e-7)), 1));
}
