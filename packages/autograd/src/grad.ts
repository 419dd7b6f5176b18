import { GradientError, Tensor, zerosLike } from "@thalweg/tensor";
import {
  boolean,
  callback,
  checkArguments,
  describe,
  either,
  list as listOf,
  maybeTensor,
  options,
  tensorKind,
  tensorsKind,
} from "@thalweg/tensor/internal";
import { seedFor } from "./engine";
import { enableGrad } from "./mode";
import { walk } from "./walk";

/** Options of {@link grad}. */
export interface GradOptions {
  /** Gradients of the outputs; 1 for scalars unless given. */
  readonly gradOutputs?: Tensor | readonly (Tensor | undefined)[];
  /** Record the walk, so that the results can be differentiated again; false unless given. */
  readonly createGraph?: boolean;
  /** Keep what the graph saved; the value of `createGraph` unless given. */
  readonly retainGraph?: boolean;
  /** Return null for inputs that the outputs do not depend on, instead of throwing; false unless given. */
  readonly allowUnused?: boolean;
}

const someTensors = /* @__PURE__ */ either(tensorKind, tensorsKind);
const gradArguments = {
  outputs: someTensors,
  inputs: someTensors,
  options: /* @__PURE__ */ options<GradOptions>({
    gradOutputs: /* @__PURE__ */ either(
      tensorKind,
      /* @__PURE__ */ listOf(
        /* @__PURE__ */ Object.assign({}, maybeTensor, {
          accepts: (x: unknown) => x === undefined || maybeTensor.accepts(x),
        }),
      ),
    ),
    createGraph: boolean,
    retainGraph: boolean,
    allowUnused: boolean,
  }),
};

/** Null where these options allow inputs that were not used, otherwise never. */
export type NullIfUnused<O> = O extends { readonly allowUnused: true } ? null : never;

/**
 * Gradients of the sum of `outputs` with respect to `inputs`, which may be leaves or computed tensors.
 * Nothing is added to any `grad`. One input gives one tensor, an array an array.
 *
 * @throws GradientError when an input was not used (unless `allowUnused`) or requires no grad.
 * @example
 * const x = tensor([2], { requiresGrad: true });
 * const dx = grad(x.pow(3), x, { createGraph: true });
 * dx.item(); // → 12
 * grad(dx, x).item(); // → 12
 */
export function grad<O extends GradOptions>(
  outputs: Tensor | readonly Tensor[],
  inputs: Tensor,
  options?: O,
): Tensor | NullIfUnused<O>;
/** Gradients of the sum of `outputs` with respect to each of `inputs`, in their order. */
export function grad<O extends GradOptions>(
  outputs: Tensor | readonly Tensor[],
  inputs: readonly Tensor[],
  options?: O,
): (Tensor | NullIfUnused<O>)[];
export function grad(
  outputs: Tensor | readonly Tensor[],
  inputs: Tensor | readonly Tensor[],
  options: GradOptions = {},
): Tensor | null | (Tensor | null)[] {
  checkArguments("grad", gradArguments, [outputs, inputs, options]);
  return gradOf("grad", outputs, inputs, options);
}

/** {@link grad}, with errors under the name of the function that was called. */
export function gradOf<O extends GradOptions>(
  op: string,
  outputs: Tensor,
  inputs: Tensor,
  options: O,
): Tensor | NullIfUnused<O>;
export function gradOf(
  op: string,
  outputs: Tensor | readonly Tensor[],
  inputs: Tensor | readonly Tensor[],
  options: GradOptions,
): Tensor | null | (Tensor | null)[];
export function gradOf(
  op: string,
  outputs: Tensor | readonly Tensor[],
  inputs: Tensor | readonly Tensor[],
  options: GradOptions,
): Tensor | null | (Tensor | null)[] {
  const roots = list(outputs);
  const targets = list(inputs);
  for (const target of targets) {
    if (!target.requiresGrad) {
      throw new GradientError(op, "an input does not require grad", "create it with { requiresGrad: true }", [
        target.shape,
      ]);
    }
  }
  const given = options.gradOutputs === undefined ? [] : list(options.gradOutputs as Tensor | Tensor[]);
  const seeds = roots.map((root, k) => seedFor(op, root, given[k]));
  const createGraph = options.createGraph ?? false;
  // A tensor that is asked for twice is looked for once.
  const unique = [...new Set(targets)];
  const found = walk(roots, seeds, {
    createGraph,
    retainGraph: options.retainGraph ?? createGraph,
    targets: unique,
  });
  const results = targets.map((target) => found[unique.indexOf(target)]!);
  if (options.allowUnused !== true) {
    const unused = results.indexOf(null as never);
    if (unused >= 0) {
      throw new GradientError(
        op,
        `input ${unused} was not used to compute the outputs`,
        "pass { allowUnused: true } to get null for it",
        [targets[unused]!.shape],
      );
    }
  }
  return Array.isArray(inputs) ? results : results[0]!;
}

function list(x: Tensor | readonly Tensor[]): readonly Tensor[] {
  return Array.isArray(x) ? x : [x as Tensor];
}

/**
 * Turns a function with a scalar result into one that returns `[value, gradient]`; for several inputs, the
 * gradient is an array. Inputs that the result does not depend on have the gradient 0.
 *
 * @example
 * const f = valueAndGrad((x: Tensor) => x.square().sum());
 * const [value, gradient] = f(tensor([1, 2]));
 * value.item(); // → 5
 * gradient.toArray(); // → [2,4]
 */
export function valueAndGrad(body: (x: Tensor) => Tensor): (x: Tensor) => [value: Tensor, grad: Tensor];
/** As above, for several inputs: the gradient is an array. */
export function valueAndGrad<Inputs extends Tensor[]>(
  body: (...inputs: Inputs) => Tensor,
): (...inputs: Inputs) => [value: Tensor, grads: Tensor[]];
export function valueAndGrad(body: (...inputs: Tensor[]) => Tensor) {
  checkArguments("valueAndGrad", { body: callback }, [body]);
  return (...inputs: Tensor[]): [Tensor, Tensor | Tensor[]] => {
    checkArguments("valueAndGrad", { inputs: tensorsKind }, [inputs]);
    const leaves = inputs.map(freshLeaf);
    const value = resultOf(
      "valueAndGrad",
      enableGrad(() => body(...leaves)),
    );
    const found = value.requiresGrad
      ? gradOf("valueAndGrad", value, leaves, { allowUnused: true })
      : leaves.map(() => null);
    const grads = (found as (Tensor | null)[]).map((g, i) => g ?? zerosLike(inputs[i]!));
    return [value.detach(), grads.length === 1 ? grads[0]! : grads];
  };
}

/** Checks the return value of a user's function. */
export function resultOf(op: string, value: unknown): Tensor {
  if (value instanceof Tensor) return value;
  throw new GradientError(op, `the function returned ${describe(value)}`, "return a tensor");
}

/** A leaf that requires grad, with the same elements and no history. */
export function freshLeaf(x: Tensor): Tensor {
  const leaf = x.detach();
  leaf.requiresGrad = true;
  return leaf;
}
