import { inspect } from "node:util";
import { type Tensor, ThalwegError, tensor } from "@thalweg/tensor";
import { describe, expect, expectTypeOf, it } from "vitest";
import {
  Adam,
  defineOptimizer,
  LBFGS,
  LRScheduler,
  Optimizer,
  type ParameterInput,
  SGD,
  StepLR,
} from "./index";

const leaf = (...data: number[]) => tensor(data, { requiresGrad: true });

/** A parameter with a gradient. */
function moved(value: number, grad: number): Tensor {
  const w = leaf(value);
  w.grad = tensor([grad]);
  return w;
}

const values = (...tensors: Tensor[]) => tensors.map((x) => x.item());

describe("parameters", () => {
  it("are tensors, or pairs of name and tensor, in any iterable", () => {
    const [a, b] = [leaf(1), leaf(2)];
    const inputs: ParameterInput[] = [
      [a, b],
      new Set([a, b]),
      [["a", a] as const, ["b", b] as const],
      new Map([
        ["a", a],
        ["b", b],
      ]),
    ];
    for (const params of inputs) expect(new SGD(params).paramGroups[0]!.params).toEqual([a, b]);
  });

  it("come in groups with options of their own", () => {
    const [a, b] = [moved(1, 1), moved(1, 1)];
    const optimizer = new SGD([{ params: [a], lr: 0.5 }, { params: [b] }], { lr: 0.25 });
    expect(optimizer.paramGroups.map(({ lr }) => lr)).toEqual([0.5, 0.25]);
    optimizer.step();
    expect(values(a, b)).toEqual([0.5, 0.75]);
  });

  it("can be added later", () => {
    const [a, b] = [moved(1, 1), moved(1, 1)];
    const optimizer = new SGD([a], { lr: 0.5 });
    optimizer.addParamGroup({ params: [b], lr: 0.25 });
    optimizer.step();
    expect(values(a, b)).toEqual([0.5, 0.75]);
  });

  const refuses = (make: () => unknown, message: string) => {
    expect(make).toThrow(ThalwegError);
    expect(make).toThrow(message);
  };

  it("must exist, each once, and be leaves", () => {
    const a = leaf(1);
    refuses(
      () => new SGD([]),
      "SGD: there are no parameters; pass model.parameters() of a model that has some",
    );
    refuses(() => new SGD([a, a]), "SGD: the parameter of shape [1] was given twice; name each once");
    refuses(
      () => new SGD([{ params: [a] }, { params: [["again", a]] }]),
      'SGD: the parameter "again" was given twice; name each once',
    );
    refuses(
      () => new SGD([a.mul(2)]),
      "SGD: the parameter of shape [1] was computed; only leaves can be optimized: detach() it",
    );
    refuses(
      () => new SGD([1 as unknown as Tensor]),
      "SGD: params[0] is not a tensor, got 1; pass tensors, or pairs of name and tensor",
    );
  });

  it("are named in the error when something else was given", () => {
    const w = leaf(1);
    const model = { parameters: () => [w] };
    const given = (value: unknown) => () => new Adam(value as Tensor[]);
    const params = "Adam: params must be tensors in an array or another iterable, got";
    refuses(given(model), `${params} an object; pass model.parameters()`);
    refuses(given(model.parameters), `${params} a function; call it: model.parameters()`);
    refuses(given([model]), "Adam: params[0] is not a tensor, got an object; pass model.parameters()");
    refuses(given(w), `${params} a tensor of shape [1]; put it into an array`);
    refuses(given("w"), `${params} "w"; pass tensors, or pairs of name and tensor`);
    refuses(
      given(undefined),
      `${params.replace(", got", "")}, got nothing; call it as new Adam(params, { lr?, betas?`,
    );
    refuses(given([["w", 5]]), 'Adam: params[0] is not a tensor, got ["w", 5]; pass tensors, or pairs');
    refuses(given([{ params: 5 }]), `${params} 5; pass tensors, or pairs of name and tensor`);
    const sgd = new SGD([w]);
    refuses(
      () => sgd.addParamGroup([leaf(2)] as never),
      "SGD.addParamGroup: group must be an object of options, got ",
    );
    refuses(
      () => sgd.addParamGroup({} as never),
      "SGD.addParamGroup: params must be tensors in an array or another",
    );
    refuses(
      () => sgd.addParamGroup({ params: [leaf(2), w] }),
      "SGD.addParamGroup: the parameter of shape [1] was given twice",
    );
    expect(sgd.paramGroups).toHaveLength(1);
    expect(sgd.names.size).toBe(0);
  });

  it("that need no gradient, or have none, are not moved", () => {
    const [frozen, idle, active] = [tensor([1]), leaf(1), moved(1, 1)];
    new SGD([frozen, idle, active], { lr: 0.5 }).step();
    expect(values(frozen, idle, active)).toEqual([1, 1, 0.5]);
  });

  it("with a gradient of another shape are refused and not moved", () => {
    const w = leaf(1, 2, 3);
    expect(() => {
      w.grad = tensor([1, 2]);
    }).toThrow(
      "grad: the gradient must be like the tensor, float32 [3] on cpu, got float32 [2] on cpu; assign null to clear it",
    );
    w.keepGradient(tensor([1, 2]));
    expect(() => new SGD([w], { lr: 1 }).step()).toThrow(ThalwegError);
    expect(w.toArray()).toEqual([1, 2, 3]);
  });

  it("may be views, strided or not", () => {
    const matrix = tensor([
      [1, 2],
      [3, 4],
    ]);
    const row = matrix.transpose(0, 1).select(0, 1).detach();
    row.requiresGrad = true;
    row.grad = tensor([1, 1]);
    new SGD([row], { lr: 1, momentum: 0.9 }).step();
    expect(matrix.toArray()).toEqual([
      [1, 1],
      [3, 3],
    ]);
  });
});

describe("options", () => {
  it("that are unknown are refused, with those that exist", () => {
    expect(() => new SGD([leaf(1)], { learningRate: 1 } as object)).toThrow(
      'SGD: there is no option "learningRate"; options: lr, momentum, dampening, weightDecay, nesterov, maximize',
    );
    expect(() => new SGD([{ params: [leaf(1)], rate: 1 } as { params: Tensor[] }])).toThrow(
      'SGD: there is no option "rate"',
    );
  });

  it.each([
    [{ lr: -1 }, "SGD: lr must be a finite number, at least 0, got -1; call it as new SGD(params, {"],
    [
      { lr: Number.NaN },
      "SGD: lr must be a finite number, at least 0, got NaN; call it as new SGD(params, {",
    ],
    [
      { lr: Number.POSITIVE_INFINITY },
      "SGD: lr must be a finite number, at least 0, got Infinity; call it as new SGD(params, {",
    ],
    [{ lr: "0.1" }, 'SGD: lr must be a finite number, at least 0, got "0.1"; call it as new SGD(params, {'],
    [{ dampening: null }, "SGD: dampening must be a finite number, got null; call it as new SGD(params, {"],
    [{ nesterov: 1 }, "SGD: nesterov must be true or false, got 1; call it as new SGD(params, {"],
    [
      { nesterov: true },
      "SGD: nesterov needs momentum and no dampening, got momentum 0 and dampening 0; change one of these options",
    ],
  ])("%o are refused", (options, message) => {
    expect(() => new SGD([leaf(1)], options as object)).toThrow(message);
  });

  it("may be undefined, and are the defaults then", () => {
    const optimizer = new SGD(
      [{ params: [leaf(1)], momentum: undefined } as object as { params: Tensor[] }],
      {
        lr: undefined,
        momentum: 0.5,
      } as object,
    );
    expect(optimizer.paramGroups[0]).toMatchObject({ lr: 1e-3, momentum: 0.5 });
  });

  it("are not positional", () => {
    expect(() => new SGD([leaf(1)], 0.1 as never)).toThrow(
      "SGD: options must be an object of options, got 0.1; " +
        "call it as new SGD(params, { lr?, momentum?, dampening?, weightDecay?, nesterov?, maximize? })",
    );
    expect(() => new SGD([leaf(1)], { weight_decay: 0.1 } as object)).toThrow(
      'SGD: there is no option "weight_decay"; did you mean weightDecay? options: lr, ',
    );
    const optimizer = new SGD([leaf(1)]);
    expect(() => optimizer.zeroGrad(false as never)).toThrow(
      "SGD.zeroGrad: options must be an object of options, got false; call it as SGD.zeroGrad({ setToNone? })",
    );
    expect(() => optimizer.zeroGrad({ set_to_none: false } as object)).toThrow("did you mean setToNone?");
    expect(() => optimizer.stateDict({ copy: 1 } as object)).toThrow(
      "SGD.stateDict: copy must be true or false, got 1; ",
    );
    expect(() => optimizer.step(0.1 as never)).toThrow("SGD.step: closure must be a function, got 0.1; ");
  });

  it("of several numbers are checked one by one", () => {
    for (const betas of [[0.9], [0.9, 1], [-0.1, 0.9], 0.9, [0.9, "0.9"]]) {
      const make = () => new Adam([leaf(1)], { betas } as object);
      expect(make).toThrow(
        /^Adam: betas must be an array of .*2.*, .* finite number, at least 0 and below 1, got .*; call it as new Adam/,
      );
      const given = Array.isArray(betas)
        ? `[${betas.map((beta) => JSON.stringify(beta)).join(", ")}]`
        : betas;
      expect(make).toThrow(`, got ${given}; `);
    }
  });

  it("are read at every step", () => {
    const w = moved(8, 1);
    const optimizer = new SGD([w], { lr: 1 });
    optimizer.step();
    optimizer.paramGroups[0]!.lr = 0.25;
    optimizer.step();
    expect(w.item()).toBe(6.75);
    optimizer.paramGroups[0]!.momentum = 0.5;
    optimizer.step();
    expect(w.item()).toBe(6.5);
    optimizer.paramGroups[0]!.maximize = true;
    optimizer.paramGroups[0]!.momentum = 0;
    optimizer.step();
    expect(w.item()).toBe(6.75);
  });

  it("are typed", () => {
    const optimizer = new Adam([leaf(1)], { betas: [0.5, 0.6] });
    expectTypeOf(optimizer.paramGroups[0]!.betas).toEqualTypeOf<[number, number]>();
    expectTypeOf(optimizer.paramGroups[0]!.amsgrad).toEqualTypeOf<boolean>();
    expectTypeOf(SGD.defaults.nesterov).toEqualTypeOf<boolean>();
    // @ts-expect-error an option that does not exist
    expect(() => new Adam([leaf(1)], { momentum: 0.9 })).toThrow('there is no option "momentum"');
    // @ts-expect-error a number that is a text
    expect(() => new Adam([leaf(1)], { lr: "0.1" })).toThrow(
      'lr must be a finite number, at least 0, got "0.1"',
    );
    // @ts-expect-error an option of a group that does not exist
    expect(() => new SGD([{ params: [leaf(1)], beta: 0.9 }])).toThrow('there is no option "beta"');
  });

  it("given to one optimizer do not reach another", () => {
    const betas: [number, number] = [0.5, 0.6];
    const [first, second] = [new Adam([leaf(1)], { betas }), new Adam([leaf(1)])];
    first.paramGroups[0]!.betas[0] = 0.1;
    expect(second.paramGroups[0]!.betas).toEqual([0.9, 0.999]);
    expect(Adam.defaults.betas).toEqual([0.9, 0.999]);
    second.paramGroups[0]!.betas[0] = 0.2;
    expect(Adam.defaults.betas).toEqual([0.9, 0.999]);
  });
});

describe("zeroGrad", () => {
  it("clears gradients, or fills them with zeros without setToNone", () => {
    const [a, b] = [moved(1, 5), leaf(1)];
    const optimizer = new SGD([a, b]);
    optimizer.zeroGrad({ setToNone: false });
    expect(a.grad!.toArray()).toEqual([0]);
    expect(b.grad).toBeNull();
    optimizer.zeroGrad();
    expect([a.grad, b.grad]).toEqual([null, null]);
  });

  it("does not write into a gradient that was kept", () => {
    const a = moved(1, 5);
    const held = a.grad!;
    new SGD([a]).zeroGrad({ setToNone: false });
    expect(held.toArray()).toEqual([5]);
  });
});

describe("step", () => {
  it("takes a closure, runs it with recording on, and returns its result", () => {
    const w = leaf(3);
    const optimizer = new SGD([w], { lr: 0.5 });
    const loss = optimizer.step(() => {
      optimizer.zeroGrad();
      const value = w.square().sum();
      value.backward();
      return value;
    });
    expectTypeOf(loss).toEqualTypeOf<Tensor>();
    expect(loss.item()).toBe(9);
    expect(w.item()).toBe(0);
    expectTypeOf(optimizer.step()).toEqualTypeOf<undefined>();
  });

  it("keeps parameters leaves, and gradients as they are", () => {
    const w = moved(1, 2);
    new Adam([w]).step();
    expect(w).toMatchObject({ isLeaf: true, requiresGrad: true });
    expect(w.grad!.toArray()).toEqual([2]);
  });

  it("counts steps for each parameter separately", () => {
    const [a, b] = [moved(1, 1), leaf(1)];
    const optimizer = new Adam([a, b]);
    optimizer.step();
    optimizer.step();
    b.grad = tensor([1]);
    optimizer.step();
    expect([a, b].map((w) => optimizer.state.get(w)!.step)).toEqual([3, 1]);
  });

  it("makes a loss stale when it moves the parameters of its graph", () => {
    const w = leaf(2);
    const optimizer = new SGD([w], { lr: 1 });
    const loss = w.square().sum();
    loss.backward(undefined, { retainGraph: true });
    optimizer.step();
    expect(() => loss.backward()).toThrow(
      "a tensor that square had saved for its gradient was modified in place since",
    );
  });

  it("is a whole training loop with zeroGrad and backward", () => {
    const [w, b] = [leaf(0), leaf(0)];
    const [x, y] = [tensor([1, 2, 3, 4]), tensor([3, 5, 7, 9])];
    const optimizer = new SGD([w, b], { lr: 0.1 });
    for (let epoch = 0; epoch < 500; epoch++) {
      const loss = x.mul(w).add(b).sub(y).square().mean();
      optimizer.zeroGrad();
      loss.backward();
      optimizer.step();
    }
    expect(w.item()).toBeCloseTo(2, 4);
    expect(b.item()).toBeCloseTo(1, 4);
  });
});

describe("the text of an optimizer", () => {
  it("is its class and the options of its groups, as in PyTorch", () => {
    const optimizer = new Adam([{ params: [leaf(1)] }, { params: leaf(2), lr: 0.5 }], { betas: [0.5, 0.6] });
    const group = (i: number, lr: number) =>
      [
        `Parameter Group ${i}`,
        "    amsgrad: false",
        "    betas: [0.5, 0.6]",
        "    eps: 1e-8",
        `    lr: ${lr}`,
        "    maximize: false",
        "    weightDecay: 0",
        "",
      ].join("\n");
    expect(String(optimizer)).toBe(`Adam (\n${group(0, 0.001)}\n${group(1, 0.5)})`);
    expect(inspect(optimizer)).toBe(String(optimizer));
    expect(String(new LBFGS([leaf(1)]))).toContain(
      "LBFGS (\nParameter Group 0\n    historySize: 100\n    lineSearchFn: null\n",
    );
    expect(`${new Adam([leaf(1)]).name} ${Adam.name}`).toBe("adam Adam");
  });
});

it("names its classes by texts, since minifiers change names in the code", () => {
  const Minified = defineOptimizer({
    name: "long",
    options: {},
    state: [],
    update: ({ param }) => ({ param }),
  });
  Object.defineProperty(Minified, "name", { value: "c" });
  expect(() => new Minified([])).toThrow(/^long: there are no parameters/);
  class d extends StepLR {}
  const scheduler = new d(new SGD([leaf(1)]), { stepSize: 1 });
  expect(() => scheduler.loadStateDict({})).toThrow(/^StepLR.loadStateDict: /);
});

it("is not made without a rule", () => {
  const make =
    (Class: unknown, ...given: unknown[]) =>
    () =>
      new (Class as new (...given: unknown[]) => object)(...given);
  expect(make(Optimizer, {}, [])).toThrow(
    "Optimizer: has no rule; use one that has, such as SGD, or defineOptimizer",
  );
  expect(make(LRScheduler, new SGD([leaf(1)]))).toThrow(
    "LRScheduler: has no rates; use one that has, such as StepLR",
  );
});

it("leaves errors of a closure as they are", () => {
  const optimizer = new SGD([moved(1, 1)]);
  expect(() => optimizer.step(() => leaf(1).add(leaf(1, 2, 3).reshape([2])))).toThrow(/^reshape: /);
  expect(() => optimizer.step(async () => 1)).toThrow("SGD.step: the body is asynchronous");
});
