import type { Layout, View } from "@thalweg/kernels";

/** Where the lines along `dim` of views start. */
export function axisStarts(views: readonly View[], dim: number): Layout[] {
  return views.map(({ layout }) => (layout.ndim === 0 ? layout : layout.select(dim, 0)));
}
