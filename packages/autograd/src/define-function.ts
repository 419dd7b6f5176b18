import { GradientError, type Input, type Op, Tensor } from "@thalweg/tensor";
import {
  apply,
  callback,
  checkArguments,
  describe,
  options,
  required,
  string,
  tensorsKind,
} from "@thalweg/tensor/internal";
import { noGrad } from "./mode";
import { allBits } from "./node";

/** The parts of a custom function. */
export interface FunctionDefinition<Inputs extends Tensor[]> {
  /** Shown in error messages and graph drawings. */
  readonly name: string;
  /** Computes the result; nothing in it is recorded. */
  readonly forward: (...inputs: Inputs) => Tensor;
  /**
   * Gradients of the inputs, from that of the result: one tensor for one input, otherwise an array, with null
   * for inputs without one. Written in differentiable operations, it has higher orders, too.
   */
  readonly backward: (
    grad: Tensor,
    saved: { readonly inputs: Inputs; readonly output: Tensor },
  ) => Tensor | null | readonly (Tensor | null)[];
}

const definitionKind = /* @__PURE__ */ options<FunctionDefinition<Tensor[]>>({
  name: /* @__PURE__ */ required(string),
  forward: /* @__PURE__ */ required(callback),
  backward: /* @__PURE__ */ required(callback),
});

/** Throws unless it is a gradient or null; the walk checks its shape. */
function checkGradient(name: string, given: unknown): void {
  if (given === null || given === undefined || given instanceof Tensor) return;
  throw new GradientError(
    name,
    `its backward returned ${describe(given)}`,
    "return tensors, or null for none",
  );
}

/**
 * Makes a differentiable function of tensors with a gradient rule of your own.
 *
 * @example
 * // Rounds, and passes the gradient through unchanged.
 * const roundThrough = defineFunction({
 *   name: "roundThrough",
 *   forward: (x: Tensor) => x.round(),
 *   backward: (grad) => grad,
 * });
 * const x = tensor([0.4, 1.6], { requiresGrad: true });
 * roundThrough(x).sum().backward();
 * x.grad!.toArray(); // → [1,1]
 */
export function defineFunction<Inputs extends Tensor[]>(
  definition: FunctionDefinition<Inputs>,
): (...inputs: Inputs) => Tensor {
  checkArguments("defineFunction", { definition: definitionKind }, [definition]);
  const { name } = definition;
  const op: Op<void> = {
    name,
    kind: "opaque",
    differentiable: true,
    shape: () => {
      throw new GradientError(name, "the shape of a custom function is known only by running it", "call it");
    },
    forward(inputs) {
      const result: unknown = noGrad(() => definition.forward(...(inputs as Inputs)));
      if (!(result instanceof Tensor)) {
        throw new GradientError(name, `its forward returned ${describe(result)}`, "return a tensor");
      }
      // Recording a result that is an input would overwrite that input's history.
      return inputs.includes(result) ? result.detach() : result;
    },
    saves: (_, count) => allBits(count + 1),
    gradient({ grad, inputs, output }) {
      const result = definition.backward(grad, { inputs: inputs as Inputs, output: output! });
      const grads = Array.isArray(result) ? (result as (Tensor | null)[]) : [result as Tensor | null];
      for (const given of grads) checkGradient(name, given);
      return grads;
    },
  };
  return (...inputs) => {
    checkArguments(name, { inputs: tensorsKind }, [inputs]);
    return apply(op, [...inputs] as Input[], undefined);
  };
}
