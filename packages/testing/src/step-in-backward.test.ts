import "@thalweg/autograd";
import { Adam, SGD } from "@thalweg/optim";
import { Generator, randn, type Tensor } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";

interface Steps {
  step(): void;
  zeroGrad(): void;
}

const rules = {
  SGD: (params: readonly Tensor[]): Steps => new SGD(params, { lr: 0.1, momentum: 0.9 }),
  Adam: (params: readonly Tensor[]): Steps => new Adam(params, { lr: 0.05 }),
};

/** A network of two layers, the second of which shares its weight with a view of it. */
function network(seed: number) {
  const generator = new Generator(seed);
  const draw = (shape: number[]) => randn(shape, { generator });
  const [x, target] = [draw([5, 3]), draw([5, 3])];
  const params = [draw([3, 3]), draw([3]), draw([3, 3])];
  for (const param of params) param.requiresGrad = true;
  const [w, b, v] = params as [Tensor, Tensor, Tensor];
  const loss = () =>
    x
      .matmul(w)
      .add(b)
      .tanh()
      .matmul(v)
      .add(x.matmul(v.transpose(0, 1)))
      .sub(target)
      .square()
      .mean();
  return { params, loss };
}

describe.each(Object.entries(rules))("a step of %s in backward", (_, rule) => {
  it.each([{}, { retainGraph: true }, { createGraph: true }])(
    "trains like a step after it, with %o",
    (options) => {
      const [after, within] = [network(3), network(3)];
      const optimizer = rule(after.params);
      for (const param of within.params) {
        const own = rule([param]);
        param.registerPostAccumulateGradHook(() => {
          own.step();
          own.zeroGrad();
        });
      }
      const first = after.loss().item();
      for (let i = 0; i < 10; i++) {
        after.loss().backward(undefined, options);
        optimizer.step();
        optimizer.zeroGrad();
        within.loss().backward(undefined, options);
        expect(within.params.map((param) => param.grad)).toEqual([null, null, null]);
      }
      expect(within.params.map((param) => param.toArray())).toEqual(
        after.params.map((param) => param.toArray()),
      );
      expect(within.loss().item()).toBeLessThan(first);
    },
  );
});
