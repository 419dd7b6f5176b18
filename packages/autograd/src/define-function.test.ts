import { GradientError, type Tensor, tensor } from "@thalweg/tensor";
import { describe, expect, expectTypeOf, it } from "vitest";
import { defineFunction, grad, isGradEnabled, noGrad } from "./index";

const leaf = (data: number | number[]) => tensor(data, { requiresGrad: true });

describe("a function with a gradient rule of its own", () => {
  const cube = defineFunction({
    name: "cube",
    forward: (x: Tensor) => x.mul(x).mul(x),
    backward: (g, { inputs: [x] }) => g.mul(x.mul(x)).mul(3),
  });

  it("uses that rule", () => {
    const x = leaf([1, 2]);
    cube(x).sum().backward();
    expect(x.grad!.toArray()).toEqual([3, 12]);
    expectTypeOf(cube).toEqualTypeOf<(x: Tensor) => Tensor>();
  });

  it("has higher derivatives when the rule is made of operations", () => {
    const x = leaf([2]);
    const first = grad(cube(x).sum(), x, { createGraph: true });
    const second = grad(first.sum(), x, { createGraph: true });
    expect([first.item(), second.item(), grad(second.sum(), x).item()]).toEqual([12, 12, 6]);
  });

  it("does not record its forward, nor itself where no gradient is needed", () => {
    let recording: boolean | undefined;
    const watched = defineFunction({
      name: "watched",
      forward: (x: Tensor) => {
        recording = isGradEnabled();
        return x.exp();
      },
      backward: (g) => g,
    });
    const y = watched(leaf([1]));
    expect(recording).toBe(false);
    expect(y).toMatchObject({ requiresGrad: true, isLeaf: false });
    expect(watched(tensor([1])).requiresGrad).toBe(false);
    expect(noGrad(() => watched(leaf([1]))).requiresGrad).toBe(false);
  });

  it("may take several inputs, give null for some, and read its result", () => {
    const scaledExp = defineFunction({
      name: "scaledExp",
      forward: (x: Tensor, scale: Tensor) => x.exp().mul(scale),
      backward: (g, { output }) => [g.mul(output), null],
    });
    const [x, scale] = [leaf([0, 1]), leaf([2])];
    scaledExp(x, scale).sum().backward();
    expect(x.grad!.toArray()).toEqual([2, Math.fround(Math.fround(Math.E) * 2)]);
    expect(scale.grad).toBeNull();
  });

  it("may return gradients that are broadcast, as operations may", () => {
    const addRow = defineFunction({
      name: "addRow",
      forward: (x: Tensor, row: Tensor) => x.add(row),
      backward: (g) => [g, g],
    });
    const [x, row] = [
      tensor(
        [
          [1, 2],
          [3, 4],
        ],
        { requiresGrad: true },
      ),
      leaf([1, 1]),
    ];
    addRow(x, row).sum().backward();
    expect(row.grad!.toArray()).toEqual([2, 2]);
    expect(x.grad!.storage).not.toBe(row.grad!.storage);
  });

  it("may return its input, or a view of it", () => {
    const same = defineFunction({ name: "same", forward: (x: Tensor) => x, backward: (g) => g.mul(10) });
    const x = leaf([1, 2]);
    const y = same(x);
    expect(y).not.toBe(x);
    expect(x.isLeaf).toBe(true);
    y.sum().backward();
    expect(x.grad!.toArray()).toEqual([10, 10]);
    const turned = defineFunction({
      name: "turned",
      forward: (x: Tensor) => x.flip(0),
      backward: (g) => g.flip(0),
    });
    const z = leaf([1, 2]);
    turned(z)
      .mul(tensor([3, 4]))
      .sum()
      .backward();
    expect(z.grad!.toArray()).toEqual([4, 3]);
  });

  it("is named when its rule gives a gradient of the wrong shape", () => {
    const wrong = defineFunction({
      name: "wrong",
      forward: (x: Tensor) => x.mul(2),
      backward: () => tensor([1, 2, 3]),
    });
    const x = leaf([1, 2]);
    const loss = wrong(x).sum();
    expect(() => loss.backward()).toThrow(GradientError);
    expect(() => loss.backward()).toThrow(
      "wrong: the gradient rule returned the wrong shape, [3] for input 0 of shape [2]; " +
        "return gradients in the shapes of the inputs",
    );
  });

  it("is named when what it saved was written to", () => {
    const middle = leaf([1, 2]).mul(1);
    const loss = cube(middle).sum();
    noGrad(() => middle.zero_());
    expect(() => loss.backward()).toThrow(
      "a tensor that cube had saved for its gradient was modified in place since",
    );
  });
});
