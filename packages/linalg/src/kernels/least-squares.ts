import type { SingularValues } from "./jacobi";

/** V·diag(1 / S)·Uᵀ·B of the first `rank` singular values, [columns, width]. */
export function solveBySVD(
  { U, S, V }: SingularValues,
  rank: number,
  { rows, columns }: { readonly rows: number; readonly columns: number },
  b: Float64Array,
  width: number,
): Float64Array {
  const k = S.length;
  const x = new Float64Array(columns * width);
  for (let r = 0; r < rank; r++) {
    for (let c = 0; c < width; c++) {
      let sum = 0;
      for (let i = 0; i < rows; i++) sum += U[i * k + r]! * b[i * width + c]!;
      sum /= S[r]!;
      for (let j = 0; j < columns; j++) x[j * width + c]! += sum * V[j * k + r]!;
    }
  }
  return x;
}
