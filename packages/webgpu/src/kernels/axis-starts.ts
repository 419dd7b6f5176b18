import type { Layout, View } from "@thalweg/kernels";

/** The layouts of the first elements along `dim`. */
export function axisStarts(views: readonly View[], dim: number): Layout[] {
  return views.map(({ layout }) => (layout.ndim === 0 ? layout : layout.select(dim, 0)));
}
