import { noGrad } from "@thalweg/autograd";
import { IndexError, ones, type Tensor, where, zeros } from "@thalweg/tensor";
import { replay } from "@thalweg/tensor/internal";
import { constant_, normal_ } from "../init";

/** The row for padding, from 0 on; null for none. */
export function paddingRow(op: string, paddingIdx: number | undefined, count: number): number | null {
  if (paddingIdx === undefined) return null;
  if (paddingIdx >= -count && paddingIdx < count) return (paddingIdx + count) % count;
  throw new IndexError(
    op,
    `there is no row ${paddingIdx}, the table has ${count}`,
    `paddingIdx must be a whole number from ${-count} to ${count - 1}`,
  );
}

/** Fills a table with normal numbers, and its row for padding with zeros. */
export function drawTable(weight: Tensor, padding: number | null): void {
  normal_(weight);
  if (padding !== null) constant_(weight.detach().select(0, padding), 0);
}

/** Limits the norm of the rows that are looked up, in place. */
export function shorten(weight: Tensor, index: Tensor, maxNorm: number, normType: number): void {
  if (replay.running) return;
  noGrad(() => {
    const options = { dtype: weight.dtype, device: weight.device };
    const flat = index.flatten();
    const uses = zeros([weight.shape[0]!], options).scatterAdd(0, flat, ones(flat.shape, options));
    const norms = weight.norm(1, { p: normType, keepDim: true });
    const isLong = norms.gt(maxNorm).mul(uses.gt(0).unsqueeze(1));
    // PyTorch's small number.
    weight.mul_(where(isLong, norms.add(1e-7).reciprocal().mul(maxNorm), 1));
  });
}
