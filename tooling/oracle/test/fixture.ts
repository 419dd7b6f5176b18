import { readFileSync } from "node:fs";
import type { DType } from "thalweg";

/** A number in JSON: NaN and the infinities by name. */
export type Encoded = number | "NaN" | "Infinity" | "-Infinity";

/** Results; null makes no claim about an element. */
export type Expected = readonly (Encoded | null)[];

/** A tensor of a fixture, in row-major order. */
export interface Stored {
  readonly shape: readonly number[];
  readonly data: readonly Encoded[];
  /** The element type, where it is not the one that is tested. */
  readonly dtype?: DType;
}

const folder = new URL("../fixtures/", import.meta.url);

const read = (name: string): unknown => JSON.parse(readFileSync(new URL(`${name}.json`, folder), "utf8"));

/** Number of cases that the generator wrote into each file. */
export const counts = read("counts") as Record<string, number>;

/** A fixture file; throws when it does not hold exactly the cases the generator counted. */
export function load<Fixture extends { readonly cases: readonly unknown[] }>(name: string): Fixture {
  const fixture = read(name) as Fixture;
  const count = counts[name] ?? 0;
  if (count === 0 || fixture.cases.length !== count) {
    throw new Error(`${name}: ${fixture.cases.length} cases, ${count} were generated; run generate.py`);
  }
  return fixture;
}

/** The numbers that JSON represents. */
export const decode = (data: readonly Encoded[]): number[] => data.map(Number);
