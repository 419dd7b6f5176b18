import { fc, test } from "@fast-check/vitest";
import "@thalweg/autograd";
import { arange, manualSeed, randn, type Tensor } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import { compile } from "./compile";

/** Views of a matrix, which may have other shapes. */
const views: Readonly<Record<string, (x: Tensor) => Tensor>> = {
  transposed: (x) => x.transpose(0, -1),
  flipped: (x) => x.flip(0),
  narrowed: (x) => x.narrow(-1, x.shape.at(-1)! >> 1, (x.shape.at(-1)! + 1) >> 1),
  everySecond: (x) => x.slice([0, x.shape[0]!, 2]),
  repeated: (x) => x.unsqueeze(0).expand([3, ...x.shape]),
  row: (x) => x.select(0, 0),
  split: (x) => (x.shape[0]! % 2 === 0 ? x.reshape([2, x.shape[0]! / 2, ...x.shape.slice(1)]) : x),
  flat: (x) => x.reshape([-1]),
  diagonal: (x) => (x.ndim > 1 ? x.diagonal() : x),
};

const makers: Readonly<Record<string, (x: Tensor, bias: Tensor) => Tensor>> = {
  scaled: (x) => x.mul(3),
  biased: (x, bias) => x.add(bias),
  both: (x, bias) => x.mul(bias).relu().sub(x),
  exponential: (x) => x.exp(),
  inPlace: (x) => x.add_(1),
};

const readers: Readonly<Record<string, (y: Tensor, view: Tensor, x: Tensor) => Tensor>> = {
  map: (_, view) => view.add(0.5),
  twice: (y, view) => view.mul(view.square()).add(y.sum()),
  copy: (_, view) => view.clone(),
  sum: (_, view) => view.sum(-1),
  softmax: (_, view) => view.softmax(-1),
  // Of what is read, the same memory is overwritten.
  back: (_, view, x) => {
    const row = view.reshape([-1]).narrow(0, 0, 1);
    return x.mul_(row.expand(x.shape).clone());
  },
};

const keys = <K extends string>(table: Readonly<Record<K, unknown>>) =>
  fc.constantFrom(...(Object.keys(table) as K[]));

describe("results that are read through views", () => {
  test.prop(
    [
      fc.tuple(fc.constantFrom(1, 2, 5, 8, 70), fc.constantFrom(1, 3, 8, 90)),
      keys(makers),
      fc.array(keys(views), { minLength: 1, maxLength: 3 }),
      keys(readers),
    ],
    { numRuns: 300 },
  )("have the bits of eager", (shape, maker, chain, reader) => {
    const scene = () => {
      manualSeed(7);
      const [x, bias] = [randn(shape), randn([shape[1]])];
      return () => {
        const y = makers[maker]!(x, bias);
        const view = chain.reduce((of, name) => (of.ndim === 0 ? of : views[name]!(of)), y);
        return { result: readers[reader]!(y, view, x), x: x.clone() };
      };
    };
    const [eager, compiled] = [scene(), compile(scene())];
    for (let i = 0; i < 3; i++) {
      const [a, b] = [eager(), compiled()];
      for (const key of ["result", "x"] as const) expect(b[key].dataSync()).toEqual(a[key].dataSync());
    }
  });

  const kernelsOf = (f: (x: Tensor, y: Tensor) => Tensor, x: Tensor, y: Tensor) => {
    const compiled = compile(f);
    compiled(x, y);
    expect(compiled(x, y).dataSync()).toEqual(f(x, y).dataSync());
    return compiled.explain().programs[0]!.kernels.map(({ operations }) => operations.join(" + "));
  };
  const [x, row] = [arange(6000).reshape([60, 100]).div(6000), arange(100).div(7)];

  it("are computed where they are read: transposed, in parts, or repeated", () => {
    expect(kernelsOf((x) => x.mul(2).transpose(0, 1).add(1), x, row)).toEqual(["mul + add"]);
    expect(kernelsOf((x) => x.exp().narrow(0, 3, 20).neg(), x, row)).toEqual(["exp + neg"]);
    expect(kernelsOf((x, row) => row.mul(0.1).add(x), x, row)).toEqual(["mul + add"]);
    expect(kernelsOf((x) => x.abs().transpose(0, 1).sum(0), x, row)).toEqual(["abs + sum"]);
    expect(kernelsOf((x, row) => row.abs().add(x).softmax(1), x, row)).toEqual(["abs + add + softmax"]);
  });

  it("are kept where it would take longer to compute them again, or to read in another order", () => {
    const large = randn([300, 500]);
    const bias = randn([500]);
    expect(kernelsOf((x, bias) => bias.erf().add(x), large, bias)).toEqual(["erf", "add"]);
    expect(kernelsOf((x) => x.mul(x.exp()).transpose(0, 1).add(1), large, bias)).toEqual(["exp + mul + add"]);
    expect(
      kernelsOf(
        (x, bias) => x.mul(bias).add(x.transpose(0, 1).reshape(x.shape)).transpose(0, 1).neg(),
        large,
        bias,
      ),
    ).toEqual(["clone", "mul + add", "neg"]);
    expect(kernelsOf((x) => x.mul(2).transpose(0, 1).clone(), large, bias)).toEqual(["mul", "clone"]);
  });
});
