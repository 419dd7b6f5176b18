import { checkpoint } from "@thalweg/autograd";
import { Generator, manualSeed, randn, type Tensor, tensor } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import { BatchNorm1d, Dropout, Embedding, Linear, LSTM, type Module, Sequential } from "./index";

type Run = typeof checkpoint;
const plain: Run = (body, ...inputs) => body(...inputs);

/** Compares state and gradients after a step, with a checkpoint around the body and without one. */
function expectSame(
  make: () => Module,
  loss: (run: Run, model: never, x: Tensor) => Tensor,
  x: Tensor,
): void {
  const after = (run: Run) => {
    manualSeed(4);
    const model = make();
    const input = x.detach();
    const value = loss(run, model as never, input);
    value.backward();
    return {
      value: value.item(),
      state: Object.entries(model.stateDict()).map(([name, t]) => [name, t.toArray()]),
      grads: [...model.parameters()].map((p) => p.grad?.toArray()),
    };
  };
  expect(after(checkpoint)).toEqual(after(plain));
}

describe("layers in a checkpoint", () => {
  it("count batches once and drop the same elements both times", () => {
    const generator = new Generator(0);
    expectSame(
      () => {
        generator.manualSeed(3);
        return new Sequential(new Linear(4, 8), new BatchNorm1d(8), new Dropout(0.5, { generator }));
      },
      (run, model: Sequential, x) => {
        const first = run((a: Tensor) => model.forward(a), x);
        return run((a: Tensor) => model.forward(a), x)
          .mul(first)
          .square()
          .sum();
      },
      randn([6, 4]),
    );
  });

  it("average over all batches so far", () => {
    expectSame(
      () => new BatchNorm1d(3, { momentum: null }),
      (run, model: BatchNorm1d, x) => {
        run((a: Tensor) => model.forward(a), x.mul(2));
        return run((a: Tensor) => model.forward(a), x)
          .pow(3)
          .sum();
      },
      randn([5, 3]),
    );
  });

  it("may return several results, as recurrent ones do", () => {
    expectSame(
      () => new LSTM(3, 2, { dropout: 0.5, numLayers: 2 }),
      (run, model: LSTM, x) => {
        const [output, [h, c]] = run((a: Tensor) => model.forward(a), x);
        return output.square().sum().add(h.mul(2).sum()).add(c.sum());
      },
      randn([4, 2, 3]),
    );
  });

  it("do not shorten rows twice", () => {
    expectSame(
      () => new Embedding(4, 3, { maxNorm: 0.5 }),
      (run, model: Embedding, index) =>
        run((i: Tensor) => model.forward(i), index)
          .square()
          .sum(),
      tensor([1, 3, 1]),
    );
  });
});
