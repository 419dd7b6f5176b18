import { ArgumentError, type Tensor, tensor } from "@thalweg/tensor";
import { describe, expect, expectTypeOf, it } from "vitest";
import { defineClosureOptimizer, defineOptimizer } from "./index";

const leaf = (...data: number[]) => tensor(data, { requiresGrad: true });

/** A plugin as a user might write it: a rule for each element, with state and a pair of numbers. */
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

describe("a plugin for each element", () => {
  it("computes its rule, with state, options and the number of the step", () => {
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
      /^lookahead: betas must be an array of .*2.*, .* finite number, at least 0 and below 1, got \[1, 0\]; call it as /,
    );
    // @ts-expect-error an option of another optimizer
    expect(() => new Lookahead([leaf(1)], { momentum: 1 })).toThrow(
      'lookahead: there is no option "momentum"; options: lr, betas, signed',
    );
  });

  it("saves and loads its state like every optimizer", () => {
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
    expect(() => new Forgetful([w]).step()).toThrow(
      "forgetful.step: the rule of forgetful returned no new kept; return an expression for each",
    );
  });

  it("is typed: permanent state, optional state, and expressions", () => {
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
  /** Steps of one length, independent of the gradient's. */
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

  it("may use norms, and options as plain numbers", () => {
    const w = leaf(10, 10);
    const optimizer = new Normalised([w], { lr: 5 });
    w.grad = tensor([3, 4]);
    optimizer.step();
    expect(w.toArray()).toEqual([8.5, 8]);
    optimizer.step();
    expect(w.toArray()).toEqual([5.5, 4]);
    expect(optimizer.state.get(w)!.tensors.mean!.toArray()).toEqual([6, 8]);
  });

  it("records nothing, and writes into the existing parameter", () => {
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

describe("an option that is one of a few names, or a number that may be missing", () => {
  const Bounded = defineOptimizer({
    name: "bounded",
    options: { lr: 1, limit: null, rule: ["value", "sign", null] },
    limits: { limit: { min: 0 } },
    state: [],
    update({ param, grad }, { lr, limit, rule }) {
      expectTypeOf(limit).toEqualTypeOf<typeof lr | null>();
      expectTypeOf(rule).toEqualTypeOf<"value" | "sign" | null>();
      const d = rule === "sign" ? grad.sign() : rule === null ? grad.mul(0) : grad;
      const limited = limit === null ? d : d.minimum(limit).maximum(limit.neg());
      return { param: param.sub(limited.mul(lr)) };
    },
  });

  it("has a kernel of its own for each name, and for its presence", () => {
    const w = leaf(0);
    w.grad = tensor([-7]);
    const optimizer = new Bounded([w]);
    const moved = (change: Partial<typeof Bounded.defaults>) => {
      const before = w.item();
      Object.assign(optimizer.paramGroups[0]!, change);
      optimizer.step();
      return w.item() - before;
    };
    expect(moved({})).toBe(7);
    expect(moved({ limit: 2 })).toBe(2);
    expect(moved({ limit: 3 })).toBe(3);
    expect(moved({ rule: "sign" })).toBe(1);
    expect(moved({ limit: 0.5 })).toBe(0.5);
    expect(moved({ rule: null })).toBe(0);
    expect(moved({ rule: "value", limit: null })).toBe(7);
  });

  it("is checked, and typed", () => {
    expectTypeOf(Bounded.defaults).toEqualTypeOf<{
      lr: number;
      limit: number | null;
      rule: "value" | "sign" | null;
    }>();
    expect(Bounded.defaults).toEqual({ lr: 1, limit: null, rule: "value" });
    // @ts-expect-error not one of the names
    expect(() => new Bounded([leaf(1)], { rule: "none" })).toThrow(
      'bounded: rule must be "value" or "sign" or null, got "none"; call it as bounded(',
    );
    expect(() => new Bounded([leaf(1)], { limit: -1 })).toThrow(
      "bounded: limit must be a finite number, at least 0, or null, got -1; call it as bounded(",
    );
    // @ts-expect-error a text
    expect(() => new Bounded([leaf(1)], { limit: "1" })).toThrow(
      'bounded: limit must be a finite number, at least 0, or null, got "1"; call it as bounded(',
    );
  });

  it("may have to be a whole number", () => {
    const Whole = defineOptimizer({
      name: "whole",
      options: { count: 1, pair: [1, 2] },
      limits: { count: { min: 1, whole: true }, pair: { whole: true } },
      state: [],
      updateTensor: ({ param }) => ({ param }),
    });
    expect(() => new Whole([leaf(1)], { count: 1.5 })).toThrow(
      "whole: count must be a whole number, at least 1, got 1.5; call it as whole(params, { count?, pair? })",
    );
    expect(() => new Whole([leaf(1)], { pair: [1, 0.5] })).toThrow(
      /^whole: pair must be an array of .*2.*, .* whole number, got \[1, 0.5\]; /,
    );
  });
});

describe("numbers that a rule keeps for each parameter", () => {
  /** Every step twice as long as the one before. */
  const Doubling = defineOptimizer({
    name: "doubling",
    options: { lr: 1, factor: 2 },
    state: [],
    numbers: { length: 0.5 },
    advance({ length }, { factor, step }) {
      expectTypeOf(length).toEqualTypeOf<number>();
      expectTypeOf(step).toEqualTypeOf<number>();
      return { length: length * factor };
    },
    update({ param, length }, { lr }) {
      expectTypeOf(length).toEqualTypeOf<typeof param>();
      return { param: param.sub(length.mul(lr)) };
    },
  });
  const Tensors = defineOptimizer({
    name: "doublingTensors",
    options: { lr: 1, factor: 2 },
    state: [],
    numbers: { length: 0.5 },
    advance: ({ length }, { factor }) => ({ length: length * factor }),
    updateTensor({ param, length }, { lr }) {
      expectTypeOf(length).toEqualTypeOf<number>();
      return { param: param.sub(length * lr) };
    },
  });

  it.each([Doubling, Tensors])("are advanced before each update, by itself: %o", (Class) => {
    const [a, b] = [leaf(0), leaf(0)];
    const optimizer = new Class([a, b]);
    a.grad = tensor([1]);
    optimizer.step();
    optimizer.step();
    b.grad = tensor([1]);
    optimizer.step();
    expect([a.item(), b.item()]).toEqual([-7, -1]);
  });

  it("are saved, loaded and checked", () => {
    const [a, b] = [leaf(0), leaf(0)];
    const [first, second] = [new Doubling([a]), new Doubling([b])];
    a.grad = tensor([1]);
    first.step();
    const saved = first.stateDict();
    expect(saved.state["0"]).toMatchObject({ step: 1, numbers: { length: 1 } });
    first.step();
    expect(saved.state["0"]!.numbers).toEqual({ length: 1 });
    second.loadStateDict(saved);
    b.grad = tensor([1]);
    second.step();
    expect(b.item()).toBe(-2);
    const wrong = (numbers: object) => ({
      ...saved,
      state: { "0": { ...saved.state["0"]!, numbers: numbers as { length: number } } },
    });
    expect(() => second.loadStateDict(wrong({ width: 1 }))).toThrow(
      'the state of "0" is [width], not [length]',
    );
    expect(() => second.loadStateDict(wrong({ length: Number.NaN }))).toThrow('length of "0" is NaN');
  });
});

it("refuses parameters that the rule cannot update", () => {
  const Rows = defineOptimizer({
    name: "rows",
    options: { lr: 1 },
    fits: ({ ndim }) => (ndim === 2 ? undefined : "has no rows"),
    state: [],
    update: ({ param, grad }) => ({ param: param.sub(grad) }),
  });
  expect(() => new Rows([["bias", leaf(1, 2)]])).toThrow(
    'rows: the parameter "bias" has no rows; give it to another optimizer, such as AdamW',
  );
  expect(() => new Rows([leaf(1, 2)])).toThrow("rows: the parameter of shape [2] has no rows");
});

it("accepts tensors that a rule has written to in place", () => {
  const InPlace = defineOptimizer({
    name: "inPlace",
    options: { lr: 1 },
    state: ["mean"],
    updateTensor({ param, grad, mean }, { lr }) {
      mean.add_(grad);
      return { param: param.sub_(mean.mul(lr)), mean };
    },
  });
  const w = leaf(5);
  w.grad = tensor([1]);
  const optimizer = new InPlace([w]);
  optimizer.step();
  optimizer.step();
  expect(w.item()).toBe(2);
});

describe("a value that is not a rule", () => {
  const rule = {
    name: "mine",
    options: { lr: 1 },
    state: [],
    update: ({ param }: { param: unknown }) => ({ param }),
  };
  const define = (value: unknown) => () => defineOptimizer(value as never);
  const closure = (value: unknown) => () => defineClosureOptimizer(value as never);

  it.each<[unknown, string | RegExp]>([
    [undefined, "rule must be an object of options, got nothing"],
    [5, "rule must be an object of options, got 5"],
    [{}, "name must be a name, got nothing"],
    [{ ...rule, name: "" }, 'name must be a name, got ""'],
    [
      { ...rule, options: undefined },
      /options must be an object, each member a finite number, .*true or false, .*null, .*array.*, got nothing/,
    ],
    [{ ...rule, options: { lr: Number.NaN } }, "options must be an object, each member a finite number, "],
    [{ ...rule, options: { lr: "x" } }, "options must be an object, each member a finite number, "],
    [
      { ...rule, options: { step: 1 } },
      'an option is called step, in the rule of "mine"; choose another name',
    ],
    [
      { ...rule, limits: { rl: { min: 0 } } },
      'there is a limit of "rl", in the rule of "mine"; declare an option',
    ],
    [{ ...rule, limits: { lr: { least: 0 } } }, "limits must be an object, each member an object of options"],
    [
      { ...rule, limits: { lr: { min: 2 } } },
      'a default does not fit, lr must be a finite number, at least 2, got 1, in the rule of "mine"; change',
    ],
    [{ ...rule, state: undefined }, "state must be an array"],
    [{ ...rule, state: [1] }, "state must be an array"],
    [{ ...rule, update: 5 }, "update must be a function, got 5"],
    [{ ...rule, udpate: rule.update }, 'there is no option "udpate"; did you mean update?'],
    [
      { ...rule, update: undefined },
      'the rule of "mine" has neither update nor updateTensor; give one of them',
    ],
    [
      { ...rule, updateTensor: rule.update },
      'the rule of "mine" has both update and updateTensor; give one of them',
    ],
    [
      { ...rule, numbers: { count: "1" } },
      "numbers must be an object, each member a finite number, got an object",
    ],
  ])("%o", (value, message) => {
    expect(define(value)).toThrow(ArgumentError);
    expect(define(value)).toThrow(/^defineOptimizer: /);
    expect(define(value)).toThrow(message);
  });

  it("is refused by defineClosureOptimizer, too", () => {
    expect(closure({ ...rule, state: () => [] })).toThrow(
      'defineClosureOptimizer: there is no option "update"; ',
    );
    expect(closure({ name: "mine", options: {}, state: [] })).toThrow(
      "defineClosureOptimizer: state must be a function",
    );
    expect(closure({ name: "mine", options: {}, state: () => [] })).toThrow(
      "defineClosureOptimizer: search must be a",
    );
  });

  it.each<[object, string]>([
    [{ state: () => 5 }, "state returned 5 in place of names; return an array of names"],
    [{ update: () => undefined }, "the rule of mine returned no new param; return an expression for each"],
    [{ update: () => ({ param: "x" }) }, 'the rule of mine returned "x" as the new param; '],
    [
      { update: undefined, updateTensor: () => null },
      "updateTensor returned null; return tensors by their names",
    ],
    [{ update: undefined, updateTensor: () => ({ param: 1 }) }, "updateTensor returned 1 as param; "],
    [{ numbers: { n: 0 }, advance: () => ({}) }, "advance returned undefined as n; return a number for each"],
    [
      { numbers: { n: 0 }, advance: () => undefined },
      "advance returned undefined as n; return a number for each",
    ],
  ])("%o is refused by the first step, which changes nothing", (change, message) => {
    const w = leaf(1);
    w.grad = tensor([1]);
    const optimizer = new (defineOptimizer({ ...rule, ...change } as never))([w]);
    for (let i = 0; i < 2; i++) {
      expect(() => optimizer.step()).toThrow(ArgumentError);
      expect(() => optimizer.step()).toThrow(`mine.step: ${message}`);
    }
    expect(w.item()).toBe(1);
    expect(optimizer.state.size).toBe(0);
  });
});
