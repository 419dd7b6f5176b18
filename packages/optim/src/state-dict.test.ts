import { type Tensor, ThalwegError, tensor } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import {
  Adagrad,
  Adam,
  createOptimizer,
  LBFGS,
  type OptimizerRegistry,
  type OptimizerStateDict,
  SGD,
} from "./index";

const leaf = (...data: number[]) => tensor(data, { requiresGrad: true });

/** Two parameters that have been updated three times. */
function run(...[a, b]: [Tensor, Tensor]) {
  const optimizer = new Adam(
    [
      ["a", a],
      ["b", b],
    ],
    { lr: 0.5 },
  );
  for (let i = 1; i <= 3; i++) {
    a.grad = tensor([i]);
    b.grad = tensor([1, -i]);
    optimizer.step();
  }
  return optimizer;
}

const plain = (state: OptimizerStateDict) =>
  JSON.parse(
    JSON.stringify(state, (_, value) => (value?.toArray === undefined ? value : value.toArray())),
  ) as unknown;

describe("a state dict", () => {
  it("has parameters' names as keys, and holds shapes, steps and options as well as tensors", () => {
    const state = run(leaf(1), leaf(1, 2)).stateDict();
    expect(state).toMatchObject({
      version: 1,
      optimizer: "adam",
      groups: [{ params: ["a", "b"], options: { lr: 0.5, betas: [0.9, 0.999], amsgrad: false } }],
    });
    expect(Object.keys(state.state)).toEqual(["a", "b"]);
    expect(state.state.b).toMatchObject({ shape: [2], step: 3 });
    expect(Object.keys(state.state.b!.tensors)).toEqual(["expAvg", "expAvgSq"]);
  });

  it("uses the names that a model gave its parameters", () => {
    const w = leaf(1);
    w.name = "layer.weight";
    expect(new SGD([w]).stateDict().groups[0]!.params).toEqual(["layer.weight"]);
  });

  it("counts positions when a parameter has no name, or two have one", () => {
    const [a, b] = [leaf(1), leaf(2)];
    a.name = "a";
    expect(new SGD([a, b]).stateDict().groups[0]!.params).toEqual(["0", "1"]);
    b.name = "a";
    expect(new SGD([{ params: [b] }, { params: [a] }]).stateDict().groups.map((g) => g.params)).toEqual([
      ["0"],
      ["1"],
    ]);
  });

  it("is a copy, of tensors and of options", () => {
    const optimizer = run(leaf(1), leaf(1, 2));
    const state = optimizer.stateDict();
    const before = plain(state);
    optimizer.paramGroups[0]!.betas[0] = 0.1;
    optimizer.step();
    expect(plain(state)).toEqual(before);
    const other = new Adam([
      ["a", leaf(1)],
      ["b", leaf(1, 2)],
    ]);
    other.loadStateDict(state);
    other.paramGroups[0]!.betas[0] = 0.2;
    for (const { params } of other.paramGroups) for (const w of params) w.grad = w.detach();
    other.step();
    expect(plain(state)).toEqual(before);
  });

  it("is loaded by name, in any order", () => {
    const saved = run(leaf(1), leaf(1, 2)).stateDict();
    const [b, a] = [leaf(1, 2), leaf(1)];
    const other = new Adam([
      ["b", b],
      ["a", a],
    ]);
    other.loadStateDict(saved);
    expect(other.state.get(a)!.tensors.expAvg!.shape).toEqual([1]);
    expect(other.state.get(b)!.tensors.expAvg!.shape).toEqual([2]);
    expect(other.paramGroups[0]!.lr).toBe(0.5);
    expect(plain(other.stateDict())).toEqual(plain(saved));
  });

  it("of an optimizer that has not stepped clears the state", () => {
    const fresh = new Adam([
      ["a", leaf(1)],
      ["b", leaf(1, 2)],
    ]).stateDict();
    const optimizer = run(leaf(1), leaf(1, 2));
    optimizer.loadStateDict(fresh);
    expect(optimizer.state.size).toBe(0);
  });

  it("keeps tensors that options no longer need, in case they need them again", () => {
    const w = leaf(1);
    const optimizer = new SGD([["w", w]], { lr: 1, momentum: 0.5 });
    w.grad = tensor([1]);
    optimizer.step();
    const state = optimizer.stateDict();
    expect(Object.keys(state.state.w!.tensors)).toEqual(["momentumBuffer"]);
    optimizer.loadStateDict(state);
    optimizer.step();
    expect(w.item()).toBe(1 - 1 - 1.5);
  });
});

describe("a state dict that does not fit", () => {
  const saved = () => run(leaf(1), leaf(1, 2)).stateDict();

  /** Expects a refusal with this text, and no change. */
  function expectRefused(wrong: unknown, message: string | RegExp): void {
    const optimizer = run(leaf(1), leaf(1, 2));
    const before = plain(optimizer.stateDict());
    const load = () => optimizer.loadStateDict(wrong as OptimizerStateDict);
    expect(load).toThrow(ThalwegError);
    expect(load).toThrow(message);
    expect(plain(optimizer.stateDict())).toEqual(before);
  }

  it("is refused with a list of everything that is wrong, and nothing is changed", () => {
    const state = saved();
    const wrong = {
      version: 2,
      optimizer: "adagrad",
      groups: [
        { params: ["a", "c"], options: { ...state.groups[0]!.options, lr: -1 } },
        { params: [], options: {} },
      ],
      state: {
        a: { shape: [5], step: -1, tensors: { expAvg: tensor([1, 2]) } },
        c: state.state.b,
      },
    };
    expectRefused(
      wrong,
      "loadStateDict: the saved state does not fit, version 2 is not 1, " +
        'it was saved by "adagrad", it has 2 parameter groups, not 1, parameter "b" is missing, ' +
        'there is no parameter "c", lr must be a finite number, at least 0, got -1, ',
    );
    expectRefused(wrong, 'the step count of "a" is -1');
    expectRefused(wrong, 'it of "a" has shape [5], not [1]');
    expectRefused(wrong, 'expAvg of "a" has shape [2], not [1]');
    expectRefused(wrong, /; build the optimizer as it was when it was saved$/);
  });

  it("is refused from another optimizer", () => {
    const w = [leaf(1), leaf(1, 2)] as const;
    const other = new Adagrad([
      ["a", w[0]],
      ["b", w[1]],
    ]).stateDict();
    expectRefused(other, 'it was saved by "adagrad"');
  });

  it("is refused when a tensor of the state is missing or superfluous", () => {
    const state = saved();
    const a = state.state.a!;
    const { expAvg } = a.tensors;
    expectRefused({ ...state, state: { ...state.state, a: { ...a, tensors: { expAvg } } } }, '"a"');
    const more = { ...a.tensors, momentumBuffer: tensor([1]) };
    expectRefused({ ...state, state: { ...state.state, a: { ...a, tensors: more } } }, '"a"');
  });

  it("is refused, or converted, when its tensors are of another type", () => {
    const state = saved();
    const a = state.state.a!;
    const tensors = Object.fromEntries(Object.entries(a.tensors).map(([name, x]) => [name, x.to("float64")]));
    const optimizer = run(leaf(1), leaf(1, 2));
    optimizer.paramGroups[0]!.lr = 0.125;
    const before = plain(optimizer.stateDict());
    try {
      optimizer.loadStateDict({ ...state, state: { ...state.state, a: { ...a, tensors } } });
    } catch (error) {
      expect(error).toBeInstanceOf(ThalwegError);
      expect(plain(optimizer.stateDict())).toEqual(before);
      return;
    }
    expect(plain(optimizer.stateDict())).toEqual(plain(state));
  });

  it("is refused when its options do not go together", () => {
    const w = leaf(1);
    const optimizer = new SGD([["w", w]], { lr: 1 });
    const state = optimizer.stateDict();
    const options = { ...state.groups[0]!.options, nesterov: true };
    expect(() => optimizer.loadStateDict({ ...state, groups: [{ params: ["w"], options }] })).toThrow(
      "nesterov needs momentum and no dampening",
    );
    expect(optimizer.paramGroups[0]!.nesterov).toBe(false);
  });

  it("is refused when it names a parameter in two groups", () => {
    const [a, b] = [leaf(1), leaf(2)];
    const optimizer = new SGD([{ params: [["a", a]] }, { params: [["b", b]] }]);
    const state = optimizer.stateDict();
    const groups = [{ ...state.groups[0]!, params: ["a", "b"] }, state.groups[1]!];
    expect(() => optimizer.loadStateDict({ ...state, groups })).toThrow('"b"');
    expect(optimizer.paramGroups.map(({ params }) => params.length)).toEqual([1, 1]);
  });
});

describe("an option that is switched while an optimizer runs", () => {
  const make = (w: Tensor, options = {}) => new SGD([["w", w]], { lr: 1, ...options });
  const step = (w: Tensor, optimizer: { step(): void }) => {
    w.grad = tensor([1]);
    optimizer.step();
  };

  it("off keeps its state, in the saved state, too", () => {
    const w = leaf(1);
    const optimizer = make(w, { momentum: 0.5 });
    step(w, optimizer);
    optimizer.paramGroups[0]!.momentum = 0;
    step(w, optimizer);
    const saved = optimizer.stateDict();
    expect(saved.state.w!.tensors).toEqual({});
    expect(Object.keys(saved.state.w!.kept!)).toEqual(["momentumBuffer"]);
    const copy = leaf(w.item());
    const other = make(copy);
    other.loadStateDict(saved);
    expect(plain(other.stateDict())).toEqual(plain(saved));
    for (const [param, o] of [
      [w, optimizer],
      [copy, other],
    ] as const) {
      o.paramGroups[0]!.momentum = 0.5;
      step(param, o);
    }
    expect(copy.item()).toBe(w.item());
  });

  it("on creates a state with its initial value", () => {
    const w = leaf(1);
    const optimizer = new Adam([["w", w]], { lr: 1 });
    step(w, optimizer);
    optimizer.paramGroups[0]!.amsgrad = true;
    const saved = optimizer.stateDict();
    expect(saved.state.w!.tensors.maxExpAvgSq!.toArray()).toEqual([0]);
    const copy = leaf(w.item());
    const other = new Adam([["w", copy]]);
    other.loadStateDict(saved);
    step(w, optimizer);
    step(copy, other);
    expect(copy.item()).toBe(w.item());
  });

  const rules = Object.entries({
    adam: { amsgrad: true },
    adamw: { amsgrad: true },
    rmsprop: { momentum: 0.9, centered: true },
    sgd: { momentum: 0.9, nesterov: true },
  }) as [keyof OptimizerRegistry, object][];
  it.each(rules)("does not prevent a state of %s from being loaded", (name, on) => {
    for (const start of [{}, on]) {
      for (const end of [{}, on]) {
        const w = leaf(1);
        const optimizer = createOptimizer(name, [["w", w]], start);
        step(w, optimizer);
        const off = Object.fromEntries(
          Object.entries(on).map(([key, value]) => [key, typeof value === "number" ? 0 : false]),
        );
        Object.assign(optimizer.paramGroups[0]!, off, end);
        const saved = optimizer.stateDict();
        const other = createOptimizer(name, [["w", leaf(1)]]);
        other.loadStateDict(saved);
        expect(plain(other.stateDict())).toEqual(plain(saved));
      }
    }
  });

  it("to a value that could not be loaded is refused when it is saved", () => {
    const optimizer = make(leaf(1));
    optimizer.paramGroups[0]!.lr = Number.NaN;
    expect(() => optimizer.stateDict()).toThrow(
      "SGD.stateDict: lr must be a finite number, at least 0, got NaN; change one of these options",
    );
    Object.assign(optimizer.paramGroups[0]!, { lr: 1, nesterov: true });
    expect(() => optimizer.stateDict()).toThrow("SGD.stateDict: nesterov needs momentum and no dampening");
  });

  it("that is a program's own is not part of the state", () => {
    const optimizer = make(leaf(1));
    Object.assign(optimizer.paramGroups[0]!, { note: "mine" });
    const saved = optimizer.stateDict();
    expect(saved.groups[0]!.options).not.toHaveProperty("note");
    optimizer.loadStateDict(saved);
  });
});

describe("a group that was removed", () => {
  it("takes its state with it", () => {
    const [a, b] = [leaf(1), leaf(1, 2)];
    const optimizer = run(a, b);
    optimizer.addParamGroup({ params: [["c", leaf(3)]] });
    optimizer.paramGroups.shift();
    const saved = optimizer.stateDict();
    expect(Object.keys(saved.state)).toEqual([]);
    expect(saved.groups.map(({ params }) => params)).toEqual([["c"]]);
    optimizer.loadStateDict(saved);
    optimizer.step();
  });

  it("leaves an optimizer with a closure nothing", () => {
    const optimizer = new LBFGS([leaf(1)]);
    optimizer.paramGroups.pop();
    expect(optimizer.step(() => 7)).toBe(7);
    expect(optimizer.stateDict()).toMatchObject({ groups: [], state: {} });
  });
});

describe("a state from elsewhere", () => {
  const counts = { iterations: 3, evaluations: 4, pairs: 1, scale: 1 };

  function lbfgs(numbers: object, tensors: readonly string[]) {
    const w = leaf(1);
    const optimizer = new LBFGS([["w", w]]);
    const { groups } = optimizer.stateDict();
    const saved = Object.fromEntries(tensors.map((name) => [name, tensor([1])]));
    const state = { w: { shape: [1], step: 1, numbers: { ...counts, ...numbers }, tensors: saved } };
    return () => optimizer.loadStateDict({ version: 1, optimizer: "lbfgs", groups, state });
  }
  const names = ["lastStep", "lastGrad", "step0", "change0"];

  it("does not create as many names as it claims", () => {
    expect(lbfgs({}, names)).not.toThrow();
    const claims = lbfgs({ iterations: 1e7, pairs: 1e7 }, names);
    expect(claims).toThrow(/the state of "w" is \[[^\]]* step0\], not \[[^\]]* step0, step1\];/);
    expect(lbfgs({ iterations: 2 ** 53 - 1, pairs: 2 ** 53 - 1 }, [])).toThrow("the state of");
  });

  it.each([
    { pairs: -1 },
    { pairs: 0.5 },
    { pairs: 4 },
    { iterations: 0 },
    { scale: 0 },
    { evaluations: -1 },
  ])("of L-BFGS cannot have counted %j", (numbers) => {
    expect(lbfgs(numbers, names)).toThrow(/the counts of iterations and pairs are wrong, iterations \d/);
  });

  it("of L-BFGS has the same counts for all", () => {
    const optimizer = new LBFGS([
      ["a", leaf(1)],
      ["b", leaf(1)],
    ]);
    const { groups } = optimizer.stateDict();
    const tensors = Object.fromEntries(names.map((name) => [name, tensor([1])]));
    const entry = { shape: [1], step: 1, numbers: counts, tensors };
    const load = (b: object) =>
      optimizer.loadStateDict({
        version: 1,
        optimizer: "lbfgs",
        groups,
        state: { a: entry, b: { ...entry, ...b } },
      });
    load({});
    load({ numbers: { iterations: 0, evaluations: 0, pairs: 0, scale: 1 }, tensors: {} });
    expect(() => load({ numbers: { ...counts, iterations: 4 } })).toThrow(
      "the counts of iterations and pairs",
    );
  });

  it.each<[string, unknown, string]>([
    [
      "nothing",
      null,
      "version undefined is not 1, it was saved by undefined, it has 0 parameter groups, not 1",
    ],
    ["a text", "x", "version undefined is not 1"],
    ["invalid groups", { groups: 7 }, 'it has 0 parameter groups, not 1, parameter "a" is missing'],
    ["a group of nothing", { groups: [null] }, "the options are undefined"],
    ["parameters that are no list", { groups: [{ params: "ab" }] }, 'parameter "a" is missing'],
    ["invalid names", { groups: [{ params: ["a", "b", 7, {}], options: {} }] }, "there is no parameter 7"],
    [
      "options of no class",
      { groups: [{ params: [], options: { lr: { toString: 1 } } }] },
      "lr must be a finite number, at least 0, got an object",
    ],
    [
      "an option of objects'",
      { groups: [{ params: [], options: JSON.parse('{"__proto__":1}') }] },
      "no option",
    ],
    [
      "a state of objects'",
      { state: JSON.parse('{"__proto__":1,"toString":1}') },
      'no parameter "__proto__"',
    ],
    ["an invalid step count", { state: { a: { shape: [1], step: {}, tensors: {} } } }, '"a" is an object'],
    ["no shape", { state: { a: { step: 1, tensors: {} } } }, 'it of "a" has shape undefined, not [1]'],
    ["odd shapes", { state: { a: { shape: [{ toString: 1 }] } } }, "has shape [an object], not [1]"],
    [
      "an object for a tensor",
      { state: { a: { tensors: { expAvg: { shape: [1] } } } } },
      "is an object, not a",
    ],
  ])("is refused when it is %s", (_, change, message) => {
    const optimizer = run(leaf(1), leaf(1, 2));
    const saved = optimizer.stateDict();
    const before = plain(saved);
    const wrong = typeof change === "object" && change !== null ? { ...saved, ...change } : change;
    const load = () => optimizer.loadStateDict(wrong as OptimizerStateDict);
    expect(load).toThrow(ThalwegError);
    expect(load).toThrow(message);
    expect(plain(optimizer.stateDict())).toEqual(before);
  });

  it("with tensors that were disposed of changes nothing", () => {
    const optimizer = run(leaf(1), leaf(1, 2));
    const saved = run(leaf(1), leaf(1, 2)).stateDict();
    saved.state.b!.tensors.expAvgSq![Symbol.dispose]();
    const before = plain(optimizer.stateDict());
    expect(() => optimizer.loadStateDict(saved)).toThrow(
      "loadStateDict: the tensor was disposed of, shape [2]",
    );
    expect(plain(optimizer.stateDict())).toEqual(before);
  });

  it("may have 200,000 parameters, or as many wrong ones", () => {
    const one = new SGD([["a", leaf(1)]]);
    const many = Array.from({ length: 200_000 }, (_, i) => `p${i}`);
    const { groups, ...rest } = one.stateDict();
    const load = (params: string[]) => () =>
      one.loadStateDict({ ...rest, groups: [{ ...groups[0]!, params }] });
    expect(load(many)).toThrow('there is no parameter "p199999"');
    expect(load([...many, ...many])).toThrow('parameter "p199999" is named twice');
  });
});
