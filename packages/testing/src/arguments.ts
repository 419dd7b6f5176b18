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

/** A whole number that lengths of arrays can be: fast-check knows no longer ones. */
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

/** Throws unless the smallest is the smaller one. */
export function checkRange(op: string, name: string, min: number, max: number): void {
  if (min <= max) return;
  throw new ArgumentError(op, `there is no ${name} from ${min} to ${max}`, "turn them round");
}

/** A record of an operation, or of a function that is made of some. */
export const subject: Kind = kind("the record of an operation (add.op, say)", (value) => {
  const { name, kind, forward } = Object(value) as Partial<Subject>;
  return typeof name === "string" && typeof kind === "string" && typeof forward === "function";
});

export const domain: Kind = options({
  min: required(finite),
  max: required(finite),
  whole: boolean,
  distinct: boolean,
  avoid: list(finite),
});

/** What `fc.gen()` generates, which makes choices. */
export const generator: Kind = kind(
  "what fc.gen() generates",
  (value) => typeof value === "function" && "values" in value && typeof value.values === "function",
);
