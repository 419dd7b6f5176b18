import { type Tensor, tensor } from "@thalweg/tensor";
import { describe, expect, expectTypeOf, it } from "vitest";
import { createOptimizer, defineOptimizer, optimizerNames, registerOptimizer, SGD } from "./index";

const leaf = (...data: number[]) => tensor(data, { requiresGrad: true });

/** What someone outside of the library might write: a rule for each element, with state and a pair of numbers. */
const Lookahead = defineOptimizer({
  name: "lookahead",
  options: { lr: 0.1, betas: [0.5, 0.25], signed: false },
  limits: { lr: { min: 0 }, betas: { min: 0, below: 1 } },
  state: ["fast", "slow"],
  initial: (name) => (name === "slow" ? 1 : 0),
  update({ param, grad, fast, slow }, { lr, betas: [first, second], signed, step }) {
    const f = fast.mul(first).add(grad);
    const s = slow.mul(second).add(step);
    const direction = signed ? f.sign() : f;
    return { param: param.sub(direction.mul(lr)), fast: f, slow: s };
  },
});

declare module "./registry" {
  interface OptimizerRegistry {
    lookahead: { lr: number; betas: [number, number]; signed: boolean };
  }
}

describe("a plugin for each element", () => {
  it("computes what its rule says, with state, options and the number of the step", () => {
    const w = leaf(10);
    const optimizer = new Lookahead([w], { lr: 1 });
    let [value, fast, slow] = [10, 0, 1];
    for (let step = 1; step <= 4; step++) {
      w.grad = tensor([step]);
      optimizer.step();
      fast = fast * 0.5 + step;
      slow = slow * 0.25 + step;
      value -= fast;
      expect(w.item()).toBe(value);
    }
    const { tensors } = optimizer.state.get(w)!;
    expect([tensors.fast!.item(), tensors.slow!.item()]).toEqual([fast, slow]);
  });

  it("is a kernel of its own for each of its switches", () => {
    const w = leaf(10);
    const optimizer = new Lookahead([w], { lr: 1, signed: true });
    w.grad = tensor([-7]);
    optimizer.step();
    expect(w.item()).toBe(11);
    optimizer.paramGroups[0]!.signed = false;
    optimizer.step();
    expect(w.item()).toBe(11 + 10.5);
  });

  it("updates any shape, and each element by itself", () => {
    const w = tensor(
      [
        [1, 2],
        [3, 4],
      ],
      { requiresGrad: true },
    );
    w.grad = tensor([
      [1, 0],
      [0, 2],
    ]);
    new Lookahead([w], { lr: 1 }).step();
    expect(w.toArray()).toEqual([
      [0, 2],
      [3, 2],
    ]);
  });

  it("knows its name, its options and their limits", () => {
    expect(Lookahead.optimizerName).toBe("lookahead");
    expect(Lookahead.defaults).toEqual({ lr: 0.1, betas: [0.5, 0.25], signed: false });
    expectTypeOf(Lookahead.defaults).toEqualTypeOf<{
      lr: number;
      betas: [number, number];
      signed: boolean;
    }>();
    expect(() => new Lookahead([leaf(1)], { betas: [1, 0] })).toThrow(
      'lookahead: "betas" is [1, 0]; it must be 2 numbers, each at least 0 and below 1',
    );
    // @ts-expect-error an option of another optimizer
    expect(() => new Lookahead([leaf(1)], { momentum: 1 })).toThrow(
      'lookahead: there is no option "momentum"; options: lr, betas, signed',
    );
  });

  it("saves and loads its state like every other", () => {
    const [w, v] = [leaf(10), leaf(10)];
    const first = new Lookahead([w], { lr: 0.5 });
    const step = (x: Tensor, optimizer: { step(): void }) => {
      x.grad = x.detach().mul(0.3);
      optimizer.step();
    };
    for (let i = 0; i < 3; i++) step(w, first);
    v.detach().copy_(w.detach());
    const second = new Lookahead([v]);
    second.loadStateDict(first.stateDict());
    for (let i = 0; i < 3; i++) {
      step(w, first);
      step(v, second);
    }
    expect(v.item()).toBe(w.item());
  });

  it("reports a rule that forgets a part of the state as a bug in it", () => {
    const Forgetful = defineOptimizer({
      name: "forgetful",
      options: { lr: 0.1 },
      state: ["kept"],
      update: ({ param, grad }, { lr }) => ({ param: param.sub(grad.mul(lr)) }),
    });
    const w = leaf(1);
    w.grad = tensor([1]);
    expect(() => new Forgetful([w]).step()).toThrow("the rule of forgetful returned no new kept");
  });

  it("is typed: state that is always there, state that options decide on, and expressions", () => {
    defineOptimizer({
      name: "typed",
      options: { lr: 0.1, nesterov: false },
      state: ["velocity"],
      update({ param, grad, velocity }, options) {
        expectTypeOf(velocity).toEqualTypeOf<typeof param>();
        expectTypeOf(options.nesterov).toEqualTypeOf<boolean>();
        expectTypeOf(options.lr).toEqualTypeOf<typeof param>();
        expectTypeOf(options.step).toEqualTypeOf<typeof param>();
        return { param: param.sub(grad), velocity };
      },
    });
    defineOptimizer({
      name: "typed",
      options: { lr: 0.1, momentum: 0 },
      state: ({ momentum }) => (momentum ? ["velocity" as const] : []),
      update({ param, grad, velocity }) {
        expectTypeOf(velocity).toEqualTypeOf<typeof param | undefined>();
        return { param: param.sub(grad) };
      },
    });
    defineOptimizer({
      name: "typed",
      options: { lr: 0.1 },
      state: ["velocity"],
      // @ts-expect-error there is no such state
      update: ({ param, momentum }) => ({ param: param.sub(momentum) }),
    });
  });
});

describe("a plugin for whole tensors", () => {
  /** Steps of one length, whatever that of the gradient. */
  const Normalised = defineOptimizer({
    name: "normalised",
    options: { lr: 1, betas: [0, 0], warm: true },
    state: ["mean"],
    updateTensor({ param, grad, mean }, { lr, warm, step }) {
      expectTypeOf(param).toEqualTypeOf<Tensor>();
      expectTypeOf(lr).toEqualTypeOf<number>();
      const next = mean.add(grad);
      const length = warm ? Math.min(1, step / 2) : 1;
      return { param: param.sub(next.div(next.norm()).mul(lr * length)), mean: next };
    },
  });

  it("may use norms, and numbers as they are", () => {
    const w = leaf(10, 10);
    const optimizer = new Normalised([w], { lr: 5 });
    w.grad = tensor([3, 4]);
    optimizer.step();
    expect(w.toArray()).toEqual([8.5, 8]);
    optimizer.step();
    expect(w.toArray()).toEqual([5.5, 4]);
    expect(optimizer.state.get(w)!.tensors.mean!.toArray()).toEqual([6, 8]);
  });

  it("records nothing, and writes into the parameter that is there", () => {
    const w = leaf(1, 1);
    const { storage } = w;
    w.grad = tensor([1, 0]);
    const optimizer = new Normalised([w]);
    optimizer.step();
    expect(w.storage).toBe(storage);
    expect(w).toMatchObject({ isLeaf: true, requiresGrad: true });
    expect(optimizer.state.get(w)!.tensors.mean!.requiresGrad).toBe(false);
  });
});

describe("the registry", () => {
  it("makes an optimizer of a name and its options", () => {
    const w = leaf(1);
    const optimizer = createOptimizer("sgd", [w], { lr: 0.5, momentum: 0.9 });
    expect(optimizer).toBeInstanceOf(SGD);
    expect(optimizer.name).toBe("sgd");
    expectTypeOf(optimizer.paramGroups[0]!.momentum).toEqualTypeOf<number>();
    expect(optimizer.paramGroups[0]).toMatchObject({ lr: 0.5, momentum: 0.9 });
  });

  it("knows a plugin once it is registered, by its types too", () => {
    expect(() => createOptimizer("lookahead", [leaf(1)])).toThrow(
      'createOptimizer: there is no optimizer "lookahead"; those registered are adagrad, adam, adamw, rmsprop, sgd',
    );
    registerOptimizer(Lookahead);
    registerOptimizer(Lookahead);
    expect(optimizerNames()).toEqual(["adagrad", "adam", "adamw", "lookahead", "rmsprop", "sgd"]);
    const optimizer = createOptimizer("lookahead", [{ params: [leaf(1)], signed: true }], {
      betas: [0.1, 0.2],
    });
    expect(optimizer.paramGroups[0]).toMatchObject({ betas: [0.1, 0.2], signed: true });
    expectTypeOf(optimizer.paramGroups[0]!.betas).toEqualTypeOf<[number, number]>();
    // @ts-expect-error an option that it does not have
    expect(() => createOptimizer("lookahead", [leaf(1)], { momentum: 1 })).toThrow('no option "momentum"');
  });

  it("refuses a name that does not exist, and an option of another optimizer", () => {
    // @ts-expect-error no optimizer of that name
    expect(() => createOptimizer("sdg", [leaf(1)])).toThrow('createOptimizer: there is no optimizer "sdg"');
    // @ts-expect-error an option of Adam
    expect(() => createOptimizer("sgd", [leaf(1)], { betas: [0.9, 0.9] })).toThrow(
      'sgd: there is no option "betas"',
    );
  });

  it("gives a name to one class only", () => {
    const Impostor = defineOptimizer({
      name: "sgd",
      options: { lr: 1 },
      state: [],
      update: ({ param }) => ({ param }),
    });
    expect(() => registerOptimizer(Impostor)).toThrow(
      'registerOptimizer: there is another optimizer "sgd"; choose another name',
    );
    expect(createOptimizer("sgd", [leaf(1)])).toBeInstanceOf(SGD);
  });
});
