import { GradientError, type GradientHook, Tensor } from "@thalweg/tensor";
import { describe, formatShape, isOfKind, sameShape } from "@thalweg/tensor/internal";

/** Adds a hook to a list; returns a function that removes it once. */
export function addHook<Hook>(list: Hook[], hook: Hook): () => void {
  let registered = true;
  list.push(hook);
  return () => {
    if (registered) list.splice(list.indexOf(hook), 1);
    registered = false;
  };
}

/** The gradient after all hooks. */
export function runHooks(hooks: readonly GradientHook[], grad: Tensor): Tensor {
  let result = grad;
  for (const hook of [...hooks]) {
    const given: unknown = hook(result);
    if (given === undefined || given === null) continue;
    if (!(given instanceof Tensor && isOfKind(given, grad))) {
      const got = given instanceof Tensor ? `${given.dtype} on ${given.device}` : describe(given);
      const remedy = "return a gradient of the same type, or nothing";
      throw new GradientError(
        "backward",
        `a hook returned ${got} for ${grad.dtype} on ${grad.device}`,
        remedy,
      );
    }
    if (!sameShape(given.shape, grad.shape)) {
      throw new GradientError(
        "backward",
        `a hook changed the shape of a gradient, ${formatShape(grad.shape)} to ${formatShape(given.shape)}`,
        "return a gradient of the same shape",
        [grad.shape, given.shape],
      );
    }
    result = given;
  }
  return result;
}
