import { broadcastTensors, DTypeError, type Operand, Tensor, tensor } from "@thalweg/tensor";
import {
  boolean,
  checkArguments,
  checkElements,
  isFloating,
  type Kind,
  kinds,
  named,
  options,
} from "@thalweg/tensor/internal";
import { DistributionError } from "./distribution-error";

/** Options of distributions. */
export interface DistributionOptions {
  /**
   * Whether parameters, and the values of which `logProb` is asked, are checked; true unless given. Elements on other devices than the CPU
   * are never checked, because reading them would wait for the device.
   */
  readonly validateArgs?: boolean;
}

export const distributionOptions: Kind = /* @__PURE__ */ options<DistributionOptions>({
  validateArgs: boolean,
});

/** What every element has to be. */
export interface Constraint {
  /** The end of the sentence "x must be ...". */
  readonly must: string;
  holds(value: number): boolean;
}

export const real: Constraint = { must: "a number", holds: (value) => value === value };
export const positive: Constraint = { must: "above 0", holds: (value) => value > 0 };
export const nonnegative: Constraint = { must: "a number from 0 on", holds: (value) => value >= 0 };
export const probability: Constraint = {
  must: "a number from 0 to 1",
  holds: (value) => value >= 0 && value <= 1,
};
export const outcome: Constraint = { must: "0 or 1", holds: (value) => value === 0 || value === 1 };

/** The remedy of errors for values that {@link DistributionOptions.validateArgs} has checked. */
export const unchecked = "validateArgs: false turns this check off";

/** Throws unless every element is what it has to be. */
export function checkEach(op: string, name: string, x: Tensor, { must, holds }: Constraint): void {
  checkElements(op, x, (read) => {
    for (const value of read.dataSync()) {
      if (!holds(value)) throw new DistributionError(op, `${name} must be ${must}, got ${value}`, unchecked);
    }
  });
}

/** A number as a tensor of the type and on the device of another, float32 on the default device if there is none. */
export function asTensor(x: Operand, like: Tensor | undefined): Tensor {
  if (x instanceof Tensor) return x;
  return tensor(x, like === undefined ? {} : { dtype: like.dtype, device: like.device });
}

/** Throws unless the elements are floating. */
export function checkFloating(op: string, name: string, x: Tensor): void {
  if (isFloating(x.dtype)) return;
  throw new DTypeError(op, `${name} must be floating, got ${x.dtype}`, 'convert it with .to("float32")', [
    x.shape,
  ]);
}

/** The parameters of a distribution as tensors of one shape. */
export function broadcastParameters(
  op: string,
  parameters: Readonly<Record<string, readonly [Operand, Constraint]>>,
  { validateArgs = true }: DistributionOptions,
): Tensor[] {
  const given = Object.values(parameters).map(([x]) => x);
  const like = given.find((x) => x instanceof Tensor);
  const tensors = Object.entries(parameters).map(([name, [x, constraint]]) => {
    if (x instanceof Tensor) checkFloating(op, name, x);
    const made = asTensor(x, like);
    if (validateArgs) checkEach(op, name, made, constraint);
    return made;
  });
  return named(op, () => broadcastTensors(tensors));
}

/** The parameters of a distribution that is moved by `loc` and stretched by `scale`. */
export function locationAndScale(
  op: string,
  loc: Operand,
  scale: Operand,
  options: DistributionOptions,
): [loc: Tensor, scale: Tensor] {
  const takes = { loc: kinds.operand, scale: kinds.operand, options: distributionOptions };
  checkArguments(op, takes, [loc, scale, options]);
  const parameters = { loc: [loc, real], scale: [scale, positive] } as const;
  return broadcastParameters(op, parameters, options) as [Tensor, Tensor];
}
