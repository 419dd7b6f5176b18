import { type Tensor, ThalwegError, tensor } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import { Adagrad, Adam, type OptimizerStateDict, SGD } from "./index";

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
  it("has the names of parameters as keys, and shapes, steps and options beside the tensors", () => {
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

  it("takes the names that a model gave to its parameters", () => {
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

  it("is loaded by name, whatever the order", () => {
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

  it("keeps what options do not call for any more, for when they do again", () => {
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

  /** Refused with this text, and without a trace. */
  function expectRefused(wrong: unknown, message: string | RegExp): void {
    const optimizer = run(leaf(1), leaf(1, 2));
    const before = plain(optimizer.stateDict());
    const load = () => optimizer.loadStateDict(wrong as OptimizerStateDict);
    expect(load).toThrow(ThalwegError);
    expect(load).toThrow(message);
    expect(plain(optimizer.stateDict())).toEqual(before);
  }

  it("is refused with everything that is wrong, and nothing is changed", () => {
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
        'there is no parameter "c", adam: "lr" is -1; it must be a number, at least 0, ',
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

  it("is refused when a tensor of the state is missing, or one too many", () => {
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
