import { pointwise, type Tensor, tensor } from "@thalweg/tensor";
import { expect, it } from "vitest";
import { describeGPU } from "../../test/gpu";

/** Distance between neighbouring float32 numbers near x. */
function spacing(x: number): number {
  return 2 ** Math.max(Math.floor(Math.log2(Math.abs(x))) - 23, -149);
}

const smallest = 2 ** -126;

/** The largest error in units in the last place. Denormal numbers may be flushed to zero. */
async function error(compute: (...xs: Tensor[]) => Tensor, ...inputs: Float32Array[]): Promise<number> {
  const found = await compute(...inputs.map((x) => tensor(x, { device: "webgpu" }))).data();
  const exact = compute(...inputs.map((x) => tensor(x, { dtype: "float64" }))).dataSync();
  let worst = 0;
  found.forEach((value, i) => {
    const reference = exact[i]!;
    const isTiny = (x: number) => x !== 0 && Math.abs(x) < smallest;
    if (inputs.some((x) => isTiny(x[i]!)) || Object.is(value, Math.fround(reference))) return;
    if (value === reference || (Math.abs(reference) < 2 * smallest && Math.abs(value) < 2 * smallest)) return;
    const limited = Number.isFinite(value) ? value : Math.sign(value) * 2 ** 128;
    const distance = Math.abs(limited - reference) / spacing(reference);
    if (!(distance <= worst)) worst = distance;
  });
  return worst;
}

/** Random bit patterns and, at even positions, uniform numbers up to `widest` in size. */
function patterns(seed: number, widest: number): Float32Array {
  let state = seed;
  const next = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0);
  const bits = Uint32Array.from({ length: 2 ** 15 }, next);
  const all = new Float32Array(bits.buffer);
  for (let i = 0; i < all.length; i += 2) all[i] = widest * (next() / 2 ** 31 - 1);
  return all;
}

const unary = [
  ...["exp", "expm1", "log", "log1p", "log2", "log10", "sin", "cos", "tan", "asin", "acos", "atan", "sinh"],
  ...["cosh", "tanh", "erf", "sigmoid", "sqrt", "floor", "ceil", "trunc", "round", "sign", "abs"],
] as const;

type Unary = Record<string, () => Tensor>;

describeGPU("functions of WGSL", () => {
  it.each(unary)("%s is within a few units in the last place for all numbers", async (name) => {
    const compute = (x: Tensor) => (x as unknown as Unary)[name]!();
    for (const widest of [2, 100, 1e5]) expect(await error(compute, patterns(1, widest))).toBeLessThan(6);
  });

  it.each([
    pointwise("ndtr", (x) => x.ndtr()),
    pointwise("softplus", (x) => x.softplus()),
    pointwise("sigmoidSlope", (x) => x.sigmoidSlope()),
  ])("functions of expressions are as exact, case %#", async (compute) => {
    for (const widest of [2, 15, 100]) expect(await error(compute, patterns(1, widest))).toBeLessThan(6);
  });

  it.each(["pow", "atan2", "maximum", "minimum"] as const)("%s of pairs is as exact", async (name) => {
    const compute = (x: Tensor, y: Tensor) => x[name](y);
    for (const widest of [2, 100]) {
      expect(await error(compute, patterns(1, widest), patterns(7, 10))).toBeLessThan(6);
      expect(
        await error(compute, patterns(1, widest).map(Math.round), patterns(7, 6).map(Math.round)),
      ).toBeLessThan(6);
    }
  });

  it("maximum and minimum tell zeros apart", async () => {
    const [a, b] = [
      tensor([0, 0, -0, -0], { device: "webgpu" }),
      tensor([0, -0, 0, -0], { device: "webgpu" }),
    ];
    const { POSITIVE_INFINITY: above, NEGATIVE_INFINITY: below } = Number;
    expect(await a.maximum(b).reciprocal().toArrayAsync()).toEqual([above, above, above, below]);
    expect(await a.minimum(b).reciprocal().toArrayAsync()).toEqual([above, below, below, below]);
  });

  it("remainder is exact, however large the quotient", async () => {
    const wide = (seed: number) =>
      patterns(seed, 2).map((x, i) => (Math.abs(x) > 1e-15 && Math.abs(x) < 1e15 ? x : i / 7 - 1000));
    expect(await error((x, y) => x.remainder(y), wide(1), wide(7))).toBeLessThan(1);
  });
});
