import type { Expr } from "../expr";
import { bounded } from "./sign";
import { polynomial, widen } from "./wide";

/** From here on, erf x rounds to 1. */
export const erfLimit = 3.924;

/** erf x = x p(x² / 7.7 - 1) */
export const erfSeries = [
  0.360343636662, -0.179916338014, 0.13395365628, -0.109103469895, 0.0906056604157, -0.074061117435,
  0.0582857457202, -0.0435562175775, 0.0306586059043, -0.020262203022, 0.0125750985743, -0.00729107639258,
  0.00391893070782, -0.00203410921321, 0.00106998275564, -0.000468758416196, 0.000129305766357,
  -6.41483016959e-5, 6.07549541752e-5, -2.03510512291e-5,
];

export function erf(x: Expr): Expr {
  const w = widen(bounded(x, -erfLimit, erfLimit));
  const u = w.mul(w).div(7.7).sub(1);
  return polynomial(u, erfSeries).mul(w).narrow();
}
