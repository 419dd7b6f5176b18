import { type Tensor, tensor } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import { enableGrad, grad, isGradEnabled } from "./index";

const leaf = (data: number | number[]) => tensor(data, { requiresGrad: true });

describe("a hook", () => {
  it("sees the whole gradient of a leaf, once for each walk", () => {
    const x = leaf([1, 2]);
    const seen: unknown[] = [];
    x.registerHook((g) => void seen.push(g.toArray()));
    const loss = x.mul(3).sum().add(x.mul(4).sum());
    loss.backward(undefined, { retainGraph: true });
    expect(seen).toEqual([[7, 7]]);
    loss.backward();
    expect(seen).toEqual([
      [7, 7],
      [7, 7],
    ]);
  });

  it("sees the whole gradient of a computed tensor before it goes on", () => {
    const x = leaf([1, 2]);
    const y = x.mul(2);
    const seen: unknown[] = [];
    y.registerHook((g) => void seen.push(g.toArray()));
    y.sum().add(y.square().sum()).backward();
    expect(seen).toEqual([[5, 9]]);
  });

  it("replaces the gradient by returning another", () => {
    const x = leaf([1, 2]);
    x.registerHook((g) => g.mul(10));
    x.sum().backward();
    expect(x.grad!.toArray()).toEqual([10, 10]);
    const z = leaf([1]);
    const y = z.mul(2);
    y.registerHook((g) => g.neg());
    y.sum().backward();
    expect(z.grad!.toArray()).toEqual([-2]);
  });

  it("runs after those that were registered before it", () => {
    const x = leaf([1]);
    const order: string[] = [];
    x.registerHook((g) => {
      order.push("first");
      return g.add(1);
    });
    x.registerHook((g) => {
      order.push("second");
      return g.mul(10);
    });
    x.sum().backward();
    expect(order).toEqual(["first", "second"]);
    expect(x.grad!.toArray()).toEqual([20]);
  });

  it("is removed by the function that registering returned, alone and at any time", () => {
    const x = leaf([1]);
    const remove = x.registerHook((g) => g.mul(10));
    x.registerHook((g) => g.add(1));
    remove();
    remove();
    x.sum().backward();
    expect(x.grad!.toArray()).toEqual([2]);
    const y = leaf([1]);
    const removeItself = y.registerHook((g) => {
      removeItself();
      return g.mul(5);
    });
    y.sum().backward();
    y.sum().backward();
    expect(y.grad!.toArray()).toEqual([6]);
  });

  it("may return a gradient that is kept elsewhere, which the leaf does not share", () => {
    const [x, y] = [leaf([1]), leaf([1])];
    const kept = tensor([7]);
    x.registerHook(() => kept);
    y.registerHook(() => kept);
    x.add(y).sum().backward();
    x.grad!.fill_(0);
    expect(y.grad!.toArray()).toEqual([7]);
    expect(kept.toArray()).toEqual([7]);
  });

  it("must not change the shape of the gradient", () => {
    const x = leaf([1, 2]);
    x.registerHook(() => tensor([1, 2, 3]));
    expect(() => x.sum().backward()).toThrow("shape");
    const y = leaf([1, 2]);
    const middle = y.mul(2);
    middle.registerHook(() => tensor(1));
    expect(() => middle.sum().backward()).toThrow("shape");
  });

  it("works for grad(), on the inputs and on the way to them", () => {
    const x = leaf([1]);
    const y = x.mul(2);
    y.registerHook((g) => g.mul(3));
    x.registerHook((g) => g.mul(5));
    expect(grad(y.sum(), x).item()).toBe(30);
    expect(x.grad).toBeNull();
  });

  it("is refused where there will be no gradient", () => {
    expect(() => tensor([1]).registerHook(() => undefined)).toThrow(
      "registerHook: the tensor does not require grad; it will never have a gradient",
    );
  });

  it("leaves the graph intact when it throws", () => {
    const x = leaf([1]);
    let fail = true;
    const y = x.mul(2);
    y.registerHook(() => {
      if (fail) throw new Error("not now");
    });
    const loss = y.sum();
    expect(() => loss.backward(undefined, { retainGraph: true })).toThrow("not now");
    fail = false;
    loss.backward();
    expect(x.grad!.toArray()).toEqual([2]);
  });
});

describe("backward inside of a hook", () => {
  it("walks a graph of its own, which has to be recorded explicitly", () => {
    const [x, y] = [leaf([1]), leaf([5])];
    x.registerHook((g) => {
      expect(isGradEnabled()).toBe(false);
      enableGrad(() => y.mul(2).sum()).backward();
      return g.mul(2);
    });
    x.mul(3).sum().backward();
    expect(x.grad!.toArray()).toEqual([6]);
    expect(y.grad!.toArray()).toEqual([2]);
  });

  it("walks the same graph without disturbing the walk that it interrupts", () => {
    const x = leaf([2]);
    const middle = x.square();
    const loss = middle.mul(3).sum();
    let once = true;
    middle.registerHook(() => {
      if (!once) return;
      once = false;
      enableGrad(() => middle.sum()).backward(undefined, { retainGraph: true });
    });
    loss.backward();
    // 3·2x from the outer walk, 2x from the inner one.
    expect(x.grad!.toArray()).toEqual([16]);
  });

  it("may ask for gradients in the graph that is being walked", () => {
    const x = leaf([3]);
    const cube = x.pow(3);
    const found: Tensor[] = [];
    const remove = cube.registerHook(() => {
      remove();
      found.push(
        grad(
          enableGrad(() => cube.sum()),
          x,
          { retainGraph: true },
        ),
      );
    });
    cube.mul(2).sum().backward();
    expect(found.map((g) => g.item())).toEqual([27]);
    expect(x.grad!.item()).toBe(54);
  });
});
