import { tensor } from "@thalweg/tensor";
import type { Measured } from "./functions";
import { ulpError } from "./ulp";

export interface Errors {
  /** The largest error, in units in the last place; ½ where every result is the nearest float32. */
  readonly worst: number;
  /** The arguments at which it was found. */
  readonly at: readonly number[];
  /** How many results were not the nearest float32, of how many. */
  readonly wrong: number;
  readonly count: number;
}

/** The same numbers in every run. */
function* randomWords(): Generator<number, never> {
  for (let state = 1; ; ) {
    state = (state + 0x9e3779b9) | 0;
    const mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    yield Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97) >>> 0;
  }
}

const words = randomWords();
const word = () => words.next().value;

/** Any bits at all, and every other time a number of moderate size, of which powers are finite. */
function randomFloats(size: number): Float32Array {
  const x = new Float32Array(Uint32Array.from({ length: size }, word).buffer);
  for (let i = 0; i < size; i += 2) x[i] = Math.exp(word() * 2 ** -29 - 4) * (word() % 4 === 0 ? -1 : 1);
  return x;
}

function* samples(arity: number, step: number): Generator<Float32Array[]> {
  const total = Math.ceil(2 ** 32 / step);
  for (let first = 0; first < total; first += 2 ** 18) {
    const size = Math.min(2 ** 18, total - first);
    if (arity === 2) yield [randomFloats(size), randomFloats(size)];
    else yield [new Float32Array(Uint32Array.from({ length: size }, (_, i) => (first + i) * step).buffer)];
  }
}

/** Compares at every `step`-th float32, or in two arguments at as many random pairs. */
export function measure({ arity, compute, reference }: Measured, step: number): Errors {
  let [worst, at, wrong, count] = [0.5, [] as number[], 0, 0];
  for (const inputs of samples(arity, step)) {
    const got = compute(...inputs.map((x) => tensor(x))).dataSync();
    const exact = reference(inputs);
    for (let i = 0; i < got.length; i++) {
      const error = ulpError(got[i]!, exact[i]!);
      if (error > 0) wrong++;
      if (error > worst) {
        worst = error;
        at = inputs.map((x) => x[i]!);
      }
    }
    count += got.length;
  }
  return { worst, at, wrong, count };
}
