import { type Tensor, ThalwegError, tensor } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import { defineClosureOptimizer, type Search } from "./index";

const leaf = (...data: number[]) => tensor(data, { requiresGrad: true });

/** Goes downhill by lr as long as the loss falls. */
const Walker = defineClosureOptimizer({
  name: "walker",
  options: { lr: 1, most: 5 },
  limits: { most: { min: 1, whole: true } },
  numbers: { walked: 0 },
  state: ({ walked }) => (walked === 0 ? [] : ["last"]),
  search({ params, states, start, evaluate }, { lr, most }) {
    let { loss, grads } = start;
    for (let i = 0; i < most; i++) {
      params.forEach((param, k) => {
        param.sub_(grads[k]!.sign().mul(lr));
      });
      const next = evaluate();
      states.forEach((state, k) => {
        state.numbers.walked!++;
        state.tensors.last = grads[k]!;
      });
      if (!(next.loss < loss)) break;
      ({ loss, grads } = next);
    }
  },
});

/** Clears, computes and walks back, as `step` expects. */
function bowl(optimizer: { zeroGrad(): void }, ...params: Tensor[]): () => Tensor {
  return () => {
    optimizer.zeroGrad();
    const loss = params.map((x) => x.square().sum()).reduce((a, b) => a.add(b));
    loss.backward();
    return loss;
  };
}

describe("a rule that evaluates the loss itself", () => {
  it("moves all parameters, keeps state, and returns the first loss", () => {
    const [a, b] = [leaf(3), leaf(-2, 4)];
    const optimizer = new Walker([a, b]);
    const loss = optimizer.step(bowl(optimizer, a, b));
    expect(loss.item()).toBe(29);
    expect([a.item(), b.toArray()]).toEqual([0, [0, 0]]);
    expect([a, b].map((x) => x.isLeaf && x.requiresGrad)).toEqual([true, true]);
    expect(optimizer.state.get(b)).toMatchObject({ step: 1, numbers: { walked: 5 } });
  });

  it("leaves parameters without a gradient alone, and sees zeros for those that lost theirs", () => {
    const [used, frozen] = [leaf(3), tensor([7])];
    const optimizer = new Walker([used, frozen], { most: 1 });
    optimizer.step(bowl(optimizer, used));
    expect(frozen.item()).toBe(7);
    expect(optimizer.state.has(frozen)).toBe(false);
    const seen: Search[] = [];
    const Spy = defineClosureOptimizer({
      name: "spy",
      options: {},
      state: () => [],
      search: (problem) => void seen.push(problem),
    });
    const [a, b] = [leaf(1), leaf(2, 3)];
    const spy = new Spy([a, b]);
    spy.step(bowl(spy, a, b));
    spy.step(bowl(spy, a));
    expect(seen[1]!.start.grads.map((grad) => grad.toArray())).toEqual([[2], [0, 0]]);
    spy.step(() => 0.5);
    expect(seen[2]!.start.loss).toBe(0.5);
  });

  it("returns gradients that the next evaluation does not overwrite", () => {
    const w = leaf(3);
    const found: number[] = [];
    const Twice = defineClosureOptimizer({
      name: "twice",
      options: {},
      state: () => [],
      search({ params, start, evaluate }) {
        params[0]!.mul_(2);
        evaluate();
        found.push(start.grads[0]!.item());
      },
    });
    const optimizer = new Twice([w]);
    optimizer.step(() => {
      optimizer.zeroGrad({ setToNone: false });
      const loss = w.square().sum();
      loss.backward();
      return loss;
    });
    expect(found).toEqual([6]);
  });

  it("goes on from a saved state, which is checked", () => {
    const [a, b] = [leaf(9.5), leaf(0)];
    const [first, second] = [new Walker([["w", a]], { most: 2 }), new Walker([["w", b]])];
    first.step(bowl(first, a));
    const saved = first.stateDict();
    expect(saved.state.w).toMatchObject({ step: 1, numbers: { walked: 2 } });
    second.loadStateDict(saved);
    expect(second.state.get(b)!.tensors.last!.toArray()).toEqual([17]);
    const wrong = { ...saved, state: { w: { ...saved.state.w!, tensors: {} } } };
    expect(() => second.loadStateDict(wrong)).toThrow('the state of "w" is [walked], not [last, walked]');
  });

  it("needs a closure that returns the loss, and one group", () => {
    const w = leaf(1);
    const optimizer = new Walker([w]);
    expect(() => optimizer.step()).toThrow(ThalwegError);
    expect(() => optimizer.step()).toThrow(
      "walker.step: step was called without a closure, the loss has to be computed several times; " +
        "call step(() => { optimizer.zeroGrad(); const loss = ...; loss.backward(); return loss; })",
    );
    w.grad = tensor([1]);
    expect(() => optimizer.step(() => undefined)).toThrow(
      "walker.step: the closure returned undefined; return the loss",
    );
    expect(() => optimizer.step(async () => 1)).toThrow("the body is asynchronous");
    expect(() => new Walker([{ params: [w] }, { params: [leaf(2)] }])).toThrow(
      "walker: there is a second group of parameters, all of them move together; give all parameters in one group",
    );
    expect(() => new Walker([w], { most: 0.5 })).toThrow(
      "walker: most must be a whole number, at least 1, got 0.5; call it as walker(params, { lr?, most? })",
    );
  });
});
