import type { Tensor } from "@thalweg/tensor";
import { constant_, normal_ } from "../init";

/** Fills a table with normal numbers, and its row for padding with zeros. */
export function drawTable(weight: Tensor, padding: number | null): void {
  normal_(weight);
  if (padding !== null) constant_(weight.detach().select(0, padding), 0);
}
