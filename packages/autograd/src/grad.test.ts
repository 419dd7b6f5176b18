import { GradientError, type Tensor, tensor } from "@thalweg/tensor";
import { describe, expect, expectTypeOf, it } from "vitest";
import { grad, valueAndGrad } from "./index";

const leaf = (data: number | number[]) => tensor(data, { requiresGrad: true });

describe("grad", () => {
  it("returns gradients and touches no grad", () => {
    const [x, y] = [leaf([1, 2]), leaf([3, 4])];
    const [dx, dy] = grad(x.mul(y).sum(), [x, y]);
    expect(dx!.toArray()).toEqual([3, 4]);
    expect(dy!.toArray()).toEqual([1, 2]);
    expect([x.grad, y.grad]).toEqual([null, null]);
  });

  it("gives one tensor for one input and an array for an array", () => {
    const x = leaf([1]);
    const one = grad(x.mul(2).sum(), x);
    const many = grad(x.mul(2).sum(), [x]);
    expectTypeOf(one).toEqualTypeOf<Tensor>();
    expectTypeOf(many).toEqualTypeOf<Tensor[]>();
    expect(one.item()).toBe(2);
    expect(many.map((g) => g.item())).toEqual([2]);
  });

  it("takes computed tensors as inputs, and stops at them", () => {
    const x = leaf([2]);
    const y = x.square();
    const z = y.mul(3).sum();
    const [dy, dx] = grad(z, [y, x]);
    expect([dy!.item(), dx!.item()]).toEqual([3, 12]);
  });

  it("adds up several outputs, each with a seed of its own", () => {
    const x = leaf([1, 2]);
    const outputs = [x.mul(2), x.square()];
    const gradOutputs = [tensor([1, 0]), tensor([1, 1])];
    expect(grad(outputs, x, { gradOutputs }).toArray()).toEqual([4, 4]);
    expect(grad([x.sum(), x.square().sum()], x).toArray()).toEqual([3, 5]);
  });

  it("finds a tensor that is asked for twice", () => {
    const x = leaf([3]);
    const found = grad(x.square().sum(), [x, x]);
    expect(found.map((g) => g.item())).toEqual([6, 6]);
  });

  it("gives an output its own seed", () => {
    const x = leaf([1, 2]);
    expect(grad(x, x, { gradOutputs: tensor([5, 6]) }).toArray()).toEqual([5, 6]);
    const y = x.mul(2);
    expect(grad(y, y, { gradOutputs: tensor([5, 6]) }).toArray()).toEqual([5, 6]);
  });

  it("refuses an input that was not used, or gives null when allowed to", () => {
    const [x, y] = [leaf([1]), leaf([[1, 2]] as unknown as number[])];
    const loss = x.mul(2).sum();
    expect(() => grad(loss, [x, y], { retainGraph: true })).toThrow(GradientError);
    expect(() => grad(loss, [x, y], { retainGraph: true })).toThrow(
      "grad: input 1 was not used to compute the outputs; pass { allowUnused: true } to get null for it",
    );
    const found = grad(loss, [x, y], { allowUnused: true as const });
    expectTypeOf(found).toEqualTypeOf<(Tensor | null)[]>();
    expect(found[1]).toBeNull();
  });

  it("refuses an input that requires no grad, and a result that does not", () => {
    const x = leaf([1]);
    expect(() => grad(x.sum(), tensor([1]))).toThrow(
      "grad: an input does not require grad; create it with { requiresGrad: true }",
    );
    expect(() => grad(tensor(1), x)).toThrow("grad: the result does not require grad");
    expect(() => grad(x.expand([2]), x)).toThrow("grad: only a scalar has a gradient by itself");
    expect(() => grad(x.expand([2]), x, { gradOutputs: tensor([1]) })).toThrow(
      "grad: the seed has the wrong shape, [1] for [2]; it must have the shape of the result",
    );
  });

  it("frees the graph, unless told to retain it or to record", () => {
    const x = leaf([2]);
    const loss = x.pow(3).sum();
    grad(loss, x, { retainGraph: true });
    grad(loss, x, { createGraph: true });
    grad(loss, x);
    expect(() => grad(loss, x)).toThrow("backward: the graph was already freed, at pow");
  });

  it("goes to any order", () => {
    const x = leaf([2]);
    let y: Tensor = x.pow(5).sum();
    const orders: number[] = [];
    for (let order = 0; order < 5; order++) {
      y = grad(y, x, { createGraph: true }).sum();
      orders.push(y.item());
    }
    expect(orders).toEqual([80, 160, 240, 240, 120]);
  });

  it("differentiates a penalty on a gradient", () => {
    const w = leaf([1, -2]);
    const dw = grad(w.pow(3).sum(), w, { createGraph: true });
    dw.square().sum().backward();
    // (3w²)² = 9w⁴, with derivative 36w³
    expect(w.grad!.toArray()).toEqual([36, -288]);
  });

  it("computes only the paths to the inputs", () => {
    const [x, y] = [leaf([1]), leaf([2])];
    let walked = false;
    const side = y.mul(2);
    side.registerHook(() => {
      walked = true;
    });
    grad(x.mul(3).add(side).sum(), x);
    expect(walked).toBe(false);
  });
});

describe("valueAndGrad", () => {
  it("gives value and gradient of a function of one tensor", () => {
    const f = valueAndGrad((x: Tensor) => x.square().sum());
    const [value, gradient] = f(tensor([1, 2]));
    expect(value.item()).toBe(5);
    expect(value.requiresGrad).toBe(false);
    expect(gradient.toArray()).toEqual([2, 4]);
  });

  it("gives an array of gradients for several", () => {
    const f = valueAndGrad((a: Tensor, b: Tensor) => a.mul(b).sum());
    const [value, gradients] = f(tensor([1, 2]), tensor([3, 4]));
    expectTypeOf(gradients).toEqualTypeOf<Tensor[]>();
    expect(value.item()).toBe(11);
    expect(gradients.map((g) => g.toArray())).toEqual([
      [3, 4],
      [1, 2],
    ]);
  });

  it("gives zeros for unused inputs, and leaves the inputs alone", () => {
    const [a, b] = [leaf([1]), leaf([2, 3])];
    const [, gradients] = valueAndGrad((x: Tensor, _y: Tensor) => x.sum())(a, b);
    expect(gradients[1]!.toArray()).toEqual([0, 0]);
    expect([a.grad, b.grad]).toEqual([null, null]);
  });
});
