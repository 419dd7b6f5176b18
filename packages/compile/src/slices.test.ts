import { fc, test } from "@fast-check/vitest";
import { manualSeed, randn, type Tensor, tensor } from "@thalweg/tensor";
import "@thalweg/autograd";
import { describe, expect, it } from "vitest";
import { compile } from "./compile";

/** Gradients of slices, in which there are zeros of both signs. */
function weights(rows: number, columns: number): Tensor {
  const values = Array.from({ length: rows * columns }, (_, i) => [0, -0, 1.5, -2, i / 7][i % 5]!);
  return tensor(values, { shape: [rows, columns] });
}

const slice = fc.record({ start: fc.nat(11), length: fc.integer({ min: 1, max: 6 }) });

describe("gradients of slices", () => {
  test.prop([
    fc.integer({ min: 1, max: 40 }),
    fc.array(slice, { minLength: 1, maxLength: 5 }),
    fc.boolean(),
    fc.constantFrom(0, 1),
  ])(
    "are the same, bit for bit, whether they overlap, leave gaps or cover all",
    (other, slices, accumulates, dim) => {
      const shape = dim === 0 ? [12, other] : [other, 12];
      const parts = slices.map(({ start, length }) => ({ start, length: Math.min(length, 12 - start) }));
      const make = () => {
        manualSeed(1);
        const x = randn(shape, { requiresGrad: true });
        return (w: readonly Tensor[]) => {
          if (!accumulates) x.grad = null;
          const y = x.mul(2);
          parts
            .map(({ start, length }, k) => y.narrow(dim, start, length).mul(w[k]!).sum())
            .reduce((a, b) => a.add(b))
            .backward();
          return x.grad!.clone();
        };
      };
      const [eager, compiled] = [make(), compile(make())];
      for (let i = 0; i < 3; i++) {
        const w = parts.map(({ length }) =>
          (dim === 0 ? weights(length, other) : weights(other, length)).mul(i + 1),
        );
        const [a, b] = [eager(w).dataSync(), compiled(w).dataSync()];
        expect([...b].every((value, k) => Object.is(value, a[k]))).toBe(true);
      }
    },
  );

  it("are written where they belong, and not padded and summed", () => {
    const x = randn([40, 90], { requiresGrad: true });
    const step = compile(() => {
      x.grad = null;
      const [a, b, c] = x.exp().split(30, 1) as [Tensor, Tensor, Tensor];
      a.mul(b).add(c.square()).sum().backward();
      return x.grad!;
    });
    step();
    const names = step.explain().programs[0]!.kernels.flatMap(({ operations }) => operations);
    expect(names.filter((name) => name === "clone")).toEqual([]);
  });
});
