import type { Confusion } from "./training";

/** The share of the examples whose class is right. */
export function accuracyOf([[a, b], [c, d]]: Confusion): number {
  return (a + d) / (a + b + c + d);
}
