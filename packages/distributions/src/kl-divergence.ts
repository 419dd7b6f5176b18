import type { Tensor } from "@thalweg/tensor";
import { kind, operation } from "@thalweg/tensor/internal";
import { Distribution } from "./distribution";
import { DistributionError } from "./distribution-error";

const distribution = /* @__PURE__ */ kind("a distribution", (value) => value instanceof Distribution);

/**
 * The Kullback-Leibler divergence of `q` from `p`, the mean of log p(x) - log q(x) for values x of `p`, in nats. Both are of one class, and
 * their batch shapes broadcast. It is infinite where `p` has values that `q` does not have.
 *
 * @throws DistributionError for distributions of two classes.
 * @example
 * klDivergence(new Normal(0, 1), new Normal(1, 1)).item(); // → 0.5
 */
export const klDivergence: (p: Distribution, q: Distribution) => Tensor = /* @__PURE__ */ operation(
  "klDivergence",
  { p: distribution, q: distribution },
  (p: Distribution, q: Distribution): Tensor => {
    const result = p.divergence(q);
    if (result !== null) return result;
    throw new DistributionError(
      "klDivergence",
      `there is no formula for ${p.className} and ${q.className}`,
      "average p.logProb(x).sub(q.logProb(x)) over samples x of p",
    );
  },
);
