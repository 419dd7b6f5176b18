import type { Expr } from "../expr";
import { exp2 } from "./exp";
import { bounded } from "./sign";
import { choose, polynomial, widen } from "./wide";

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

/** Φ(-x) = e^(-x²/2) t p(t) with t = c / (c + x), for 0 <= x <= 15. Beyond 15, it rounds to 0. */
export const normalTail = {
  c: 4.25,
  p: [
    0.0938523790476, 0.0942338312889, 0.0851149289891, 0.0982367586541, -0.00776079899754, 0.215048417278,
    -0.236946912448, 0.280545486911, -0.150911904039, 0.0285878140559,
  ],
};

export function ndtr(x: Expr): Expr {
  const { c, p } = normalTail;
  const w = widen(bounded(x.abs(), -15, 15));
  const t = w.add(c).reciprocal().mul(c);
  const { power } = exp2(w.mul(w).mul(-0.5 * Math.LOG2E));
  const tail = polynomial(t, p).mul(t).mul(power);
  return choose(x.lt(0), tail, tail.neg().add(1)).narrow();
}
