import { ArgumentError, type Tensor } from "@thalweg/tensor";
import { type Kind, options } from "@thalweg/tensor/internal";

/** Probabilities, or their logits: one of both. */
export type LogitsOrProbs<T = Tensor> =
  | { readonly probs: T; readonly logits?: undefined }
  | { readonly logits: T; readonly probs?: undefined };

export const logitsOrProbs = (of: Kind): Kind => ({ ...options({ probs: of, logits: of }), optional: false });

/** The parameter that is given, and its name. */
export function eitherOf<T>(
  op: string,
  { probs, logits }: LogitsOrProbs<T>,
): [name: "probs" | "logits", value: T] {
  if ((probs === undefined) === (logits === undefined)) {
    throw new ArgumentError(
      op,
      `got ${probs === undefined ? "neither" : "both"} of probs and logits`,
      "give one of them",
    );
  }
  return probs === undefined ? ["logits", logits as T] : ["probs", probs];
}

const epsilon = { float32: 2 ** -23, float64: 2 ** -52 };

/** Probabilities at a distance from 0 and 1, as PyTorch's, so that their logarithms are finite. */
export function clampProbs(probs: Tensor): Tensor {
  const eps = epsilon[probs.dtype as keyof typeof epsilon];
  return probs.clamp(eps, 1 - eps);
}
