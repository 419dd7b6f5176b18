import type { Layout } from "../../layout/layout";
import type { View } from "../backend";

/** Where the lines along `dim` of views start. */
export function linesOf(views: readonly View[], dim: number): Layout[] {
  return views.map(({ layout }) => (layout.ndim === 0 ? layout : layout.select(dim, 0)));
}
