import {
  batchNorm,
  bernoulli,
  defaultGenerator,
  Generator,
  manualSeed,
  ones,
  rand,
  type Tensor,
  tensor,
  zeros,
} from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import { randomLeaf } from "../test/numeric";
import { checkpoint, grad, noGrad } from "./index";

const leaf = (data: number[]) => tensor(data, { requiresGrad: true });

/** Drops elements at random, as a layer would that draws from the default generator. */
const drop = (x: Tensor) => x.mul(bernoulli(x.detach().mul(0).add(0.5))).mul(2);

/** Checks that two ways to compute one thing agree in value and gradients, bit for bit. */
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

  it("gives gradients to tensors that its body captures", () => {
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

  it("draws the same random numbers both times, and leaves the generator as if it had run once", () => {
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

  it("may be nested", () => {
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

  it("may capture more tensors than an integer has bits", () => {
    expectSame(
      (run, [x, ...weights]) => run((a) => weights.reduce((y, w) => y.mul(w).sin(), a), x!),
      () => Array.from({ length: 40 }, (_, i) => randomLeaf([10], i)),
    );
  });

  it("may return its input", () => {
    expectSame(
      (run, [x]) => run((a) => a, x!.mul(2)).add(run((a) => a, x!)),
      () => [randomLeaf([3], 1)],
    );
  });

  it("may return what it captures", () => {
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

  it("restores the generator when its body throws", () => {
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

  it("draws the same numbers from the user's own generators", () => {
    const [mine, other] = [new Generator(7), new Generator(8)];
    const x = leaf(new Array(40).fill(1));
    const y = checkpoint((a: Tensor) => {
      const inner = checkpoint((b: Tensor) => b.mul(bernoulli([40], 0.5, { generator: other })), a);
      return inner.add(a.mul(rand([40], { generator: mine })));
    }, x);
    rand([3], { generator: mine });
    const states = [mine, other].map((generator) => generator.getState());
    y.sum().backward();
    expect(x.grad!.toArray()).toEqual(y.toArray());
    expect([mine, other].map((generator) => generator.getState())).toEqual(states);
  });

  it("restores a generator that its body seeds", () => {
    const x = leaf([1, 1, 1]);
    const y = checkpoint((a: Tensor) => {
      manualSeed(5);
      return a.mul(rand([3]));
    }, x);
    manualSeed(9);
    const state = defaultGenerator.getState();
    y.sum().backward();
    expect(x.grad!.toArray()).toEqual(y.toArray());
    expect(defaultGenerator.getState()).toEqual(state);
  });

  it("updates running statistics the first time only", () => {
    const x = leaf([1, 2, 4, 8]);
    const [runningMean, runningVar] = [zeros([1]), ones([1])];
    const body = (a: Tensor) => batchNorm(a.reshape([4, 1]), { runningMean, runningVar, training: true });
    const y = checkpoint((a: Tensor) => body(a).square(), x);
    const moved = [runningMean.item(), runningVar.item()];
    y.mul(tensor([[1], [2], [3], [4]]))
      .sum()
      .backward();
    expect([runningMean.item(), runningVar.item()]).toEqual(moved);
    const plain = leaf([1, 2, 4, 8]);
    body(plain)
      .square()
      .mul(tensor([[1], [2], [3], [4]]))
      .sum()
      .backward();
    expect(x.grad!.toArray()).toEqual(plain.grad!.toArray());
    expect(runningMean.item()).not.toBe(moved[0]);
  });

  describe("of several results", () => {
    type Several = readonly [Tensor, readonly [Tensor, Tensor]];
    const body =
      (w: Tensor) =>
      (a: Tensor): Several => [a.mul(w).exp(), [a.sum(), drop(a.mul(a))]];
    const weighted = ([p, [q, r]]: Several) => p.sum().mul(2).add(q.mul(3)).add(r.sum());

    it("has the gradients of the plain computation, in one more run", () => {
      expectSame(
        (run, [x, w]) => weighted(run(body(w!), x!)),
        () => [randomLeaf([2, 3], 1), randomLeaf([3], 2)],
      );
      let runs = 0;
      const x = leaf([1, 2]);
      const [p, [q]] = checkpoint((a: Tensor): Several => {
        runs++;
        return body(a)(a);
      }, x);
      expect([p.shape, q.shape]).toEqual([[2], []]);
      p.sum().add(q).backward();
      expect(runs).toBe(2);
    });

    it("ignores those that are not used or need no gradient", () => {
      const x = leaf([3]);
      const [y, index, same] = checkpoint((a: Tensor) => [a.square(), a.argmax(0), a], x);
      expect([y!.item(), index!.item(), same!.item()]).toEqual([9, 0, 3]);
      y!.sum().backward();
      expect(x.grad!.item()).toBe(6);
    });

    it("can be differentiated twice", () => {
      const x = leaf([2]);
      const [a, b] = checkpoint((v: Tensor) => [v.pow(3), v.square()] as const, x);
      const dx = grad(a.add(b).sum(), x, { createGraph: true });
      expect([dx.item(), grad(dx.sum(), x).item()]).toEqual([16, 14]);
    });

    it("records nothing where nothing needs it", () => {
      const [y] = checkpoint((a: Tensor) => [a.exp(), a], tensor([1]));
      expect(y!.requiresGrad).toBe(false);
      expect(checkpoint((_: Tensor) => [], leaf([1]))).toEqual([]);
    });

    it("are tensors, whatever the depth", () => {
      const wrong = (value: unknown) => () => checkpoint((_: Tensor) => value as Tensor, leaf([1]));
      for (const [value, got] of [
        [undefined, "undefined"],
        [[leaf([1]), { y: 1 }], "object"],
      ]) {
        expect(wrong(value)).toThrow(
          `checkpoint: the body returned a value of type ${got}; return a tensor, or arrays of tensors`,
        );
      }
    });
  });
});
