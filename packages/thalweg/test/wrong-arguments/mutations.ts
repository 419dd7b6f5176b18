import { ReLU } from "@thalweg/nn";
import { Generator, rand, ThalwegError, zeros } from "@thalweg/tensor";
import { expect } from "vitest";

export type Values = readonly unknown[];

class Thing {
  length = 1;
}

const wrong: Values = [
  ...[
    undefined,
    null,
    true,
    false,
    "",
    "tanh",
    "mean",
    Number.NaN,
    0.5,
    -1,
    2 ** 53,
    Number.POSITIVE_INFINITY,
  ],
  ...[Symbol("s"), 3n, {}, { bias: "no" }, { biass: true }, { reduction: "sum" }, [], [1, "2"], [null]],
  ...[() => 1, ReLU, new Thing(), new Date(0), new Map(), new Float32Array(2), Object.create(null)],
  ...[zeros([0]), zeros([7, 7, 7]), zeros([2], { dtype: "float64" }), new ReLU(), new Generator(1)],
];

/** All calls with one value replaced, and some with several. */
export function* mutations(right: Values): IterableIterator<unknown[]> {
  const all = [...right, undefined];
  for (let i = 0; i < all.length; i++) {
    for (const value of wrong) yield all.with(i, value);
    const given = all[i];
    if (typeof given !== "object" || given === null || Object.getPrototypeOf(given) !== Object.prototype)
      continue;
    for (const name of Object.keys(given)) {
      for (const value of wrong) yield all.with(i, { ...given, [name]: value });
    }
  }
  const generator = new Generator(5);
  const below = (count: number) => Math.floor(rand([1], { generator }).item() * count);
  const draw = () => wrong[below(wrong.length)];
  for (let k = 0; k < 60; k++) yield all.map((value) => (below(2) === 0 ? value : draw()));
}

/** Whether a call is refused; fails unless the error is ours and names what was called. */
export function isRefused(name: string, call: () => unknown): boolean {
  try {
    call();
    return false;
  } catch (error) {
    expect(error, `${name}: ${(error as Error).stack}`).toBeInstanceOf(ThalwegError);
    const { message } = error as ThalwegError;
    expect(message.startsWith(`${name}: `) || message.startsWith(`${name} "`), `${name}: ${message}`).toBe(
      true,
    );
    expect(message).not.toMatch(/internal:|undefined is not|is not a function/);
    return true;
  }
}
