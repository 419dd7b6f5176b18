import { bernoulli, defaultGenerator, manualSeed, rand, type Tensor, tensor } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import { randomLeaf } from "../test/numeric";
import { checkpoint, grad, noGrad } from "./index";

const leaf = (data: number[]) => tensor(data, { requiresGrad: true });

/** Drops elements by chance, as a layer would that draws from the default generator. */
const drop = (x: Tensor) => x.mul(bernoulli(x.detach().mul(0).add(0.5))).mul(2);

/** Value and gradients of two ways to compute one thing, which have to be equal bit for bit. */
function expectSame(body: (run: typeof checkpoint, leaves: Tensor[]) => Tensor, make: () => Tensor[]): void {
  const plain: typeof checkpoint = (f, ...inputs) => f(...inputs);
  const run = (how: typeof checkpoint) => {
    manualSeed(3);
    const leaves = make();
    const value = body(how, leaves);
    value.sum().backward();
    return {
      value: value.toArray(),
      grads: leaves.map((x) => x.grad?.toArray()),
      after: rand([2]).toArray(),
    };
  };
  expect(run(checkpoint)).toEqual(run(plain));
}

describe("a checkpoint", () => {
  it("has the value and the gradients of the plain computation", () => {
    expectSame(
      (run, [x, y]) => run((a, b) => a.mul(b).exp().add(a.tanh()), x!, y!),
      () => [randomLeaf([3, 2], 1), randomLeaf([3, 2], 2)],
    );
  });

  it("gives their gradients to tensors that its body captures", () => {
    expectSame(
      (run, [x, w, b]) => run((a) => a.matmul(w!).add(b!).tanh(), x!.mul(2)),
      () => [randomLeaf([4, 3], 1), randomLeaf([3, 2], 2), randomLeaf([2], 3)],
    );
    expectSame(
      (run, [x, w]) => {
        const computed = w!.mul(3);
        return run((a) => a.mul(computed).add(computed.sum()), x!);
      },
      () => [randomLeaf([3], 1), randomLeaf([3], 2)],
    );
  });

  it("draws the same random numbers both times, and lets others draw as if once", () => {
    expectSame(
      (run, [x]) => {
        const first = run((a) => drop(a.exp()).sin(), x!);
        return drop(run((a) => drop(a).mul(a), first));
      },
      () => [randomLeaf([40], 1)],
    );
  });

  it("leaves the generator alone during backward", () => {
    const y = checkpoint((x: Tensor) => drop(x), leaf([1, 2, 3]));
    const state = defaultGenerator.getState();
    y.sum().backward();
    expect(defaultGenerator.getState()).toEqual(state);
  });

  it("may stand inside of another", () => {
    expectSame(
      (run, [x, w]) =>
        run((a) => {
          const inner = run((b) => drop(b.mul(w!)).exp(), a.sin());
          return inner.add(a).mul(w!);
        }, x!),
      () => [randomLeaf([5], 1), randomLeaf([5], 2)],
    );
  });

  it("may be given one tensor twice", () => {
    expectSame(
      (run, [x]) => run((a, b) => a.mul(b).sin(), x!, x!),
      () => [randomLeaf([3], 1)],
    );
  });

  it("may capture more tensors than a word has bits", () => {
    expectSame(
      (run, [x, ...weights]) => run((a) => weights.reduce((y, w) => y.mul(w).sin(), a), x!),
      () => Array.from({ length: 40 }, (_, i) => randomLeaf([10], i)),
    );
  });

  it("may give back its input", () => {
    expectSame(
      (run, [x]) => run((a) => a, x!.mul(2)).add(run((a) => a, x!)),
      () => [randomLeaf([3], 1)],
    );
  });

  it("may give back what it captures", () => {
    expectSame(
      (run, [x, w]) => run((_) => w!, x!),
      () => [randomLeaf([3], 1), randomLeaf([3], 2)],
    );
  });

  it("leaves out inputs that need no gradient or get none", () => {
    const [x, unused, constant] = [leaf([1]), leaf([2]), tensor([3])];
    checkpoint((a: Tensor, _b: Tensor, c: Tensor) => a.mul(c), x, unused, constant)
      .sum()
      .backward();
    expect([x.grad!.item(), unused.grad, constant.grad]).toEqual([3, null, null]);
  });

  it("runs its body once more, during backward and not before", () => {
    let runs = 0;
    const y = checkpoint(
      (a: Tensor) => {
        runs++;
        return a.exp();
      },
      leaf([1]),
    ).sum();
    expect(runs).toBe(1);
    y.backward();
    expect(runs).toBe(2);
  });

  it("records nothing inside of noGrad", () => {
    expect(noGrad(() => checkpoint((a: Tensor) => a.exp(), leaf([1]))).requiresGrad).toBe(false);
    expect(checkpoint((a: Tensor) => a.exp(), tensor([1])).requiresGrad).toBe(false);
  });

  it("can be differentiated twice", () => {
    const x = leaf([2]);
    const dx = grad(checkpoint((a: Tensor) => a.pow(3), x).sum(), x, { createGraph: true });
    expect(dx.item()).toBe(12);
    expect(grad(dx.sum(), x).item()).toBe(12);
  });

  it("notices that its input was written to before it could run again", () => {
    const x = leaf([1, 2]);
    const middle = x.mul(2);
    const y = checkpoint((a: Tensor) => a.exp(), middle).sum();
    noGrad(() => middle.add_(1));
    expect(() => y.backward()).toThrow(
      "a tensor that checkpoint had saved for its gradient was modified in place",
    );
  });

  it("puts the generator back when its body throws", () => {
    const x = leaf([1]);
    let fail = false;
    const y = checkpoint((a: Tensor) => {
      if (fail) throw new Error("second time");
      return drop(a);
    }, x).sum();
    rand([10]);
    const state = defaultGenerator.getState();
    fail = true;
    expect(() => y.backward()).toThrow("second time");
    expect(defaultGenerator.getState()).toEqual(state);
  });
});
