import {
  ArgumentError,
  type Domain,
  type Draw,
  type InputSample,
  type Tensor,
  tensor,
} from "@thalweg/tensor";
import { checkArguments, kinds, optional, options as optionsOf, required } from "@thalweg/tensor/internal";
import fc, { type GeneratorValue } from "fast-check";
import { shapes } from "./arbitraries";
import { checkRange, domain, generator, length } from "./arguments";

/** Choices made by fast-check, so that samples of operations shrink. */
export function drawFrom(g: GeneratorValue): Draw {
  checkArguments("drawFrom", { g: generator }, [g]);
  return {
    int: (min, max) => g(fc.integer, { min, max }),
    boolean: () => g(fc.boolean),
    pick: <T>(values: readonly T[]): T => values[g(fc.nat, { max: values.length - 1 })]!,
    shape: (minRank, maxRank) => g(shapes, { minRank, maxRank, maxExtent: 3 }),
  };
}

const steps = 1000;

/** Limit of the elements of an input. */
const most = 2 ** 24;

const inputKind = optionsOf<InputSample>({ shape: required(kinds.shape), domain: optional(domain) });

/** Distance to keep from points where an operation is not smooth. */
const distance = 0.03;

function awayFrom(value: number, avoid: readonly number[]): number {
  for (const kink of avoid) {
    if (Math.abs(value - kink) < distance) return kink + (value < kink ? -distance : distance);
  }
  return value;
}

/** Numbers of a domain. */
export function drawValues(g: GeneratorValue, size: number, range: Domain): number[] {
  checkArguments("drawValues", { g: generator, size: length, range: domain }, [g, size, range]);
  return valuesOf("drawValues", g, size, range);
}

function valuesOf(
  op: string,
  g: GeneratorValue,
  size: number,
  { min, max, whole, distinct, avoid = [] }: Domain,
): number[] {
  if (whole) checkRange(op, "whole number", Math.ceil(min), Math.floor(max));
  else checkRange(op, "number", min, max);
  const width = max - min;
  if (whole)
    return g(fc.array, fc.integer({ min: Math.ceil(min), max: Math.floor(max) }), {
      minLength: size,
      maxLength: size,
    });
  if (distinct) {
    const order = g(
      fc.shuffledSubarray,
      Array.from({ length: size }, (_, i) => i),
      { minLength: size },
    );
    return order.map((place) => min + (width * (place + 0.5)) / size);
  }
  const places = g(fc.array, fc.nat({ max: steps }), { minLength: size, maxLength: size });
  return places.map((place) => awayFrom(min + (width * place) / steps, avoid));
}

/** A tensor for an input of an operation, in float32. */
export function drawInput(g: GeneratorValue, input: InputSample): Tensor {
  checkArguments("drawInput", { g: generator, input: inputKind }, [g, input]);
  const { shape, domain: range = { min: -2, max: 2 } } = input;
  const size = shape.reduce((a, b) => a * b, 1);
  if (size > most) throw new ArgumentError("drawInput", `shape [${shape.join(", ")}] is too large`);
  return tensor(valuesOf("drawInput", g, size, range), { shape });
}
