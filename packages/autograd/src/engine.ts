import {
  type BackwardOptions,
  GradientError,
  type GradientHook,
  onesLike,
  type PostAccumulateGradHook,
  type Tensor,
} from "@thalweg/tensor";
import {
  type Engine,
  formatShape,
  installEngine,
  isOfKind,
  pushLayer,
  sameShape,
} from "@thalweg/tensor/internal";
import { addHook } from "./hooks";
import { inPlace, refresh } from "./in-place";
import { isNode, type Node, targetOf } from "./node";
import { tape } from "./tape";
import { walk } from "./walk";

/** The gradient to start from: 1 for a scalar, otherwise `seed`. */
export function seedFor(op: string, root: Tensor, seed: Tensor | undefined): Tensor {
  if (!root.requiresGrad) {
    throw new GradientError(
      op,
      "the result does not require grad, nothing it was computed from does",
      "create a tensor with { requiresGrad: true }, and compute outside of noGrad",
      [root.shape],
    );
  }
  if (seed === undefined) {
    if (root.size === 1) return onesLike(root);
    throw new GradientError(
      op,
      `only a scalar has a gradient by itself, this result has shape ${formatShape(root.shape)}`,
      "reduce it with sum() or mean(), or pass a seed of that shape",
      [root.shape],
    );
  }
  if (!sameShape(seed.shape, root.shape)) {
    throw new GradientError(
      op,
      `the seed has the wrong shape, ${formatShape(seed.shape)} for ${formatShape(root.shape)}`,
      "it must have the shape of the result",
      [seed.shape, root.shape],
    );
  }
  if (!isOfKind(seed, root)) {
    throw new GradientError(
      op,
      `the seed is of another kind, ${seed.dtype} on ${seed.device} for ${root.dtype} on ${root.device}`,
      `convert it with .to("${root.dtype}")`,
      [seed.shape, root.shape],
    );
  }
  return seed;
}

const engine: Engine = {
  backward(root: Tensor, seed: Tensor | undefined, options: BackwardOptions) {
    const createGraph = options.createGraph ?? false;
    const retainGraph = options.retainGraph ?? createGraph;
    walk([root], [seedFor("backward", root, seed)], { createGraph, retainGraph });
  },

  retainGrad(tensor: Tensor) {
    if (!tensor.requiresGrad) {
      throw new GradientError(
        "retainGrad",
        "the tensor does not require grad",
        "compute it from one that does",
        [tensor.shape],
      );
    }
    if (tensor.node !== null) (tensor.node as Node).retained = tensor;
  },

  registerHook(tensor: Tensor, hook: GradientHook) {
    if (!tensor.requiresGrad) {
      throw new GradientError(
        "registerHook",
        "the tensor does not require grad",
        "it will never have a gradient",
        [tensor.shape],
      );
    }
    return addHook((targetOf(tensor).hooks ??= []), hook);
  },

  registerPostAccumulateGradHook(tensor: Tensor, hook: PostAccumulateGradHook) {
    const op = "registerPostAccumulateGradHook";
    if (!tensor.requiresGrad) {
      throw new GradientError(op, "the tensor does not require grad", "it will never have a gradient", [
        tensor.shape,
      ]);
    }
    const leaf = targetOf(tensor);
    if (isNode(leaf)) {
      throw new GradientError(
        op,
        "the tensor was computed, only leaves accumulate gradients",
        "use registerHook to see its gradient, or register the hook at a leaf",
        [tensor.shape],
      );
    }
    return addHook((leaf.afterwards ??= []), hook);
  },

  refresh,
  inPlace,
};

installEngine(engine);
pushLayer(tape);
