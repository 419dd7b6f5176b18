import { type DType, type Tensor, tensor } from "thalweg";
import { invoke } from "./api";
import { leaf } from "./compare";
import type { Encoded, Expected, Stored } from "./fixture";

/** One call of an op: its inputs, and PyTorch's results. */
export interface OpCase {
  readonly name: string;
  readonly op: string;
  readonly args: readonly Argument[];
  readonly inputs: readonly (Stored & { readonly grad?: true })[];
  readonly outputs: readonly Output[];
  readonly grads: readonly (Expected | null)[];
  /** The changes of the gradients along `directions`, by differentiable input; absent where there are none. */
  readonly second?: {
    readonly directions: readonly (readonly Encoded[])[];
    readonly grads: readonly Expected[];
  };
}

interface Output {
  readonly shape: readonly number[];
  readonly data: Expected;
  /** The property of the result that holds this output; without it, the result or an element of it. */
  readonly field?: string;
  /** The gradient that is propagated back through this output; without it, the output is not differentiable. */
  readonly seed?: readonly Encoded[];
}

/** A number, a string, an input by position, or a structure of these. */
type Argument = unknown;

/** All inputs have one type, except indices and masks. */
export const inputs = ({ inputs }: OpCase, dtype: DType): Tensor[] =>
  inputs.map((input) => leaf(input, dtype, input.grad));

/** Calls Thalweg's function of that name and lists the tensors of its result. */
export function call({ op, args, outputs }: OpCase, tensors: readonly Tensor[]): Tensor[] {
  const result = invoke(
    op,
    args.map((arg) => argument(arg, tensors)),
  );
  if (typeof result === "boolean") return [tensor(result)];
  return outputs.map(({ field }, i) => {
    if (field !== undefined) return (result as Record<string, Tensor>)[field]!;
    return Array.isArray(result) ? (result[i] as Tensor) : (result as Tensor);
  });
}

/** The argument a fixture describes. */
export function argument(encoded: Argument, tensors: readonly Tensor[] = []): unknown {
  if (encoded === "NaN" || encoded === "Infinity" || encoded === "-Infinity") return Number(encoded);
  if (Array.isArray(encoded)) return encoded.map((item) => argument(item, tensors));
  if (typeof encoded !== "object" || encoded === null) return encoded;
  if ("tensor" in encoded) return tensors[encoded.tensor as number];
  if ("undefined" in encoded) return undefined;
  return Object.fromEntries(Object.entries(encoded).map(([key, item]) => [key, argument(item, tensors)]));
}
