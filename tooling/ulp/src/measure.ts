import { grad } from "@thalweg/autograd";
import { tensor } from "@thalweg/tensor";
import type { Differentiable } from "./derivatives";
import type { Measured } from "./functions";
import { spacing, ulpError } from "./ulp";

export interface Errors {
  /** The largest error, in units in the last place; ½ where every result is the nearest float32. */
  readonly worst: number;
  /** The arguments at which it was found. */
  readonly at: readonly number[];
  /** The number of results that were not the nearest float32, and the number of all results. */
  readonly wrong: number;
  readonly count: number;
}

/** The same random numbers in every run. */
function* randomWords(): Generator<number, never> {
  for (let state = 1; ; ) {
    state = (state + 0x9e3779b9) | 0;
    const mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    yield Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97) >>> 0;
  }
}

const words = randomWords();
const word = () => words.next().value;

/** Random bits, and every other time a number of moderate size, whose powers are finite. */
function randomFloats(size: number): Float32Array {
  const x = new Float32Array(Uint32Array.from({ length: size }, word).buffer);
  for (let i = 0; i < size; i += 2) x[i] = Math.exp(word() * 2 ** -29 - 4) * (word() % 4 === 0 ? -1 : 1);
  return x;
}

function* samples(arity: number, step: number): Generator<Float32Array[]> {
  const total = Math.ceil(2 ** 32 / step);
  for (let first = 0; first < total; first += 2 ** 18) {
    const size = Math.min(2 ** 18, total - first);
    if (arity > 1) yield Array.from({ length: arity }, () => randomFloats(size));
    else yield [new Float32Array(Uint32Array.from({ length: size }, (_, i) => (first + i) * step).buffer)];
  }
}

/** Compares at every `step`-th float32, or for two arguments as many random pairs. */
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

/** The float32 after x. */
function next(x: number): number {
  return x + spacing(x);
}

/** The float32 numbers to test a function at: every `step`-th within the domain. */
function* arguments_(step: number, [least, most]: readonly [number, number]): Generator<Float32Array> {
  for (const [x] of samples(1, step)) {
    yield x!.filter((value) => Number.isFinite(value) && value > least && value < most);
  }
}

/**
 * Compares value, first and second derivative with float64. The unit is the distance of neighbouring float32 numbers around
 * the exact result, or the change of that result from one argument to the next, whichever is larger: no formula over
 * rounded numbers can do better. Around zeros, and where a function changes fast, the latter is larger. Results below
 * 2⁻¹¹⁴ use that number's unit, since the factors of their products may be denormal.
 */
export function measureDerivatives(
  { compute, references, within = [-Infinity, Infinity] }: Differentiable,
  step: number,
): readonly Pick<Errors, "worst" | "at">[] {
  const found = references.map(() => ({ worst: 0, at: [] as number[] }));
  for (const numbers of arguments_(step, within)) {
    const x = tensor(numbers, { requiresGrad: true });
    const y = compute(x);
    const first = grad(y.sum(), x, { createGraph: true });
    const second = first.requiresGrad ? grad(first.sum(), x) : first.mul(0);
    [y, first, second].forEach((result, order) => {
      const [got, reference, record] = [result.dataSync(), references[order]!, found[order]!];
      numbers.forEach((argument, i) => {
        const exact = reference(argument);
        if (ulpError(got[i]!, exact) === 0 || got[i] === exact) return;
        const finite = Number.isFinite(got[i]!) ? got[i]! : Math.sign(got[i]!) * 2 ** 128;
        const change = Math.abs(reference(next(argument)) - exact);
        const unit = Math.max(spacing(exact), Number.isFinite(change) ? change : 0, 2 ** -137);
        const error = Math.abs(finite - exact) / unit;
        if (!(error <= record.worst)) Object.assign(record, { worst: error, at: [argument, got[i]!, exact] });
      });
    });
  }
  return found;
}
