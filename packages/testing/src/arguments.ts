import type { OptimizerClass } from "@thalweg/optim";
import { ArgumentError } from "@thalweg/tensor";
import {
  boolean,
  finite,
  type Kind,
  kind,
  list,
  type OptionKinds,
  options,
  required,
} from "@thalweg/tensor/internal";
import type { ShapeConstraints } from "./arbitraries";
import type { Subject } from "./op-call";

/** A whole number that can be an array's length: fast-check supports no longer ones. */
const upTo = (least: number, most: number): Kind =>
  kind(
    `a whole number from ${least} to ${most}`,
    (value) => Number.isInteger(value) && (value as number) >= least && (value as number) <= most,
  );

export const length: Kind = upTo(0, 2 ** 31 - 1);
export const numRuns: Kind = upTo(1, 2 ** 31 - 1);
export const howMany: Kind = upTo(1, 1000);

export const shapeKinds: OptionKinds<ShapeConstraints> = {
  minRank: upTo(0, 64),
  maxRank: upTo(0, 64),
  minExtent: length,
  maxExtent: length,
};

/** Throws unless `min` is at most `max`. */
export function checkRange(op: string, name: string, min: number, max: number): void {
  if (min <= max) return;
  throw new ArgumentError(op, `there is no ${name} from ${min} to ${max}`, "swap them");
}

/** The record of an operation, or of a function made of operations. */
export const subject: Kind = kind("the record of an operation (add.op, say)", (value) => {
  const { name, kind, forward } = Object(value) as Partial<Subject>;
  return typeof name === "string" && typeof kind === "string" && typeof forward === "function";
});

/** A class that `defineOptimizer` or `defineClosureOptimizer` made. */
export const optimizerClass: Kind = kind("the class of an optimizer", (value) => {
  const { optimizerName, defaults } = Object(value) as Partial<OptimizerClass<unknown>>;
  return typeof value === "function" && typeof optimizerName === "string" && typeof defaults === "object";
});

export const domain: Kind = options({
  min: required(finite),
  max: required(finite),
  whole: boolean,
  distinct: boolean,
  avoid: list(finite),
});

/** A value of `fc.gen()`, which makes choices. */
export const generator: Kind = kind(
  "a value of fc.gen()",
  (value) => typeof value === "function" && "values" in value && typeof value.values === "function",
);
