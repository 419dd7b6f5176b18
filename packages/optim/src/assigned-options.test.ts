import { ArgumentError, type Tensor, tensor } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import { names } from "../test/exported";
import {
  createOptimizer,
  defineClosureOptimizer,
  defineOptimizer,
  type Optimizer,
  type OptimizerClass,
  type OptimizerRegistry,
  SGD,
} from "./index";

const leaf = () => {
  const w = tensor([[1, -2]], { requiresGrad: true });
  w.grad = tensor([[0.5, 0.25]]);
  return w;
};

const Plugin = defineOptimizer({
  name: "plugin",
  options: { lr: 0.1, pair: [0, 1], which: ["a", "b"], most: null, on: true },
  limits: { lr: { above: 0 }, pair: { min: 0 }, most: { max: 3 } },
  state: ["last"],
  update: ({ param, grad, last }, { lr }) => ({ param: param.sub(grad.mul(lr)).sub(last), last: grad }),
});
const ByTensor = defineOptimizer({
  name: "byTensor",
  options: { lr: 0.1 },
  limits: { lr: { min: 0 } },
  state: [],
  updateTensor: ({ param, grad }, { lr }) => ({ param: param.sub(grad.mul(lr)) }),
});
const ByClosure = defineClosureOptimizer({
  name: "byClosure",
  options: { lr: 0.1, tries: 2 },
  limits: { lr: { min: 0 }, tries: { min: 1, whole: true } },
  state: () => [],
  search: ({ params, start }, { lr }) => {
    for (const [i, param] of params.entries()) param.sub_(start.grads[i]!.mul(lr));
  },
});

type Make = (params: Tensor[]) => Optimizer<Record<string, unknown>>;
const plugins = [Plugin, ByTensor, ByClosure].map(
  (Class) =>
    [Class.name, (params) => new (Class as unknown as OptimizerClass<Record<string, unknown>>)(params)] as [
      string,
      Make,
    ],
);
const builtIn = names.map(
  (name) =>
    [name, (params) => createOptimizer(name as keyof OptimizerRegistry, params) as never] as [string, Make],
);

const anything = [
  "0.5",
  Number.NaN,
  Number.POSITIVE_INFINITY,
  undefined,
  {},
  [],
  [0.5],
  () => 1,
  Symbol("x"),
  1n,
];
const wrong = (value: unknown): unknown[] => {
  if (typeof value === "boolean") return [...anything, 1, null];
  if (typeof value === "number") return [...anything, true, null];
  if (Array.isArray(value))
    return [...anything, 1, null, value.slice(1), [...value, 0.5], value.map(() => Number.NaN)];
  return [...anything, true];
};

const bits = (w: Tensor, optimizer: Optimizer<Record<string, unknown>>) =>
  JSON.stringify([
    w.toArray(),
    [...optimizer.state.values()].map(({ step, numbers, tensors }) => [
      step,
      numbers,
      Object.entries(tensors).map(([name, x]) => [name, x.toArray()]),
    ]),
  ]);

describe.each([...builtIn, ...plugins])("options that are assigned to a group of %s", (_, make) => {
  const loss = (w: Tensor) => () => w.detach().square().sum().item();

  it("are checked by step before anything is written", () => {
    const w = leaf();
    const optimizer = make([w]);
    const group = optimizer.paramGroups[0]!;
    optimizer.step(loss(w));
    for (const name of Object.keys(group).filter((key) => key !== "params")) {
      const right = group[name];
      for (const value of wrong(right)) {
        const before = bits(w, optimizer);
        group[name] = value;
        // The second time, too.
        for (let i = 0; i < 2; i++) {
          const step = () => optimizer.step(loss(w));
          expect(step, `${name} ${String(value)}`).toThrow(ArgumentError);
          expect(step).toThrow(`.step: paramGroups[0].${name} must be `);
          expect(step).toThrow("; change the options of this group");
        }
        expect(bits(w, optimizer)).toBe(before);
        group[name] = right;
        optimizer.step(loss(w));
      }
    }
    delete (group as { lr?: unknown }).lr;
    expect(() => optimizer.step(loss(w))).toThrow(".step: paramGroups[0].lr must be ");
  });

  it("are checked after a closure has assigned them", () => {
    const w = leaf();
    const optimizer = make([w]);
    const before = bits(w, optimizer);
    const closure = () => {
      optimizer.paramGroups[0]!.lr = -1;
      return 1;
    };
    expect(() => optimizer.step(closure)).toThrow("paramGroups[0].lr must be a finite number, ");
    expect(bits(w, optimizer)).toBe(before);
  });
});

describe("options of a group", () => {
  it("are limited by the rule", () => {
    const optimizer = new Plugin([leaf()]);
    const step = (change: object) => () => {
      Object.assign(optimizer.paramGroups[0]!, Plugin.defaults, change);
      optimizer.step();
    };
    step({ most: 3, pair: [7, 8], which: "b", on: false })();
    expect(step({ lr: 0 })).toThrow(
      "plugin.step: paramGroups[0].lr must be a finite number, above 0, got 0; change the options of this group",
    );
    expect(step({ most: 4 })).toThrow(
      "paramGroups[0].most must be a finite number, at most 3, or null, got 4; ",
    );
    expect(step({ which: "c" })).toThrow('paramGroups[0].which must be "a" or "b", got "c"; ');
    expect(step({ pair: [0, -1] })).toThrow(/paramGroups\[0\].pair must be an array .*, got \[0, -1\]; /);
  });

  it("that are lists are checked when one of their numbers is assigned", () => {
    const optimizer = new Plugin([leaf()], { pair: [1, 2] });
    optimizer.step();
    optimizer.paramGroups[0]!.pair[1] = Number.NaN;
    expect(() => optimizer.step()).toThrow("got [1, NaN]; ");
    optimizer.paramGroups[0]!.pair[1] = 2;
    optimizer.step();
  });

  it("are checked together, in every group, and in a group that replaces another", () => {
    const optimizer = new SGD([{ params: [leaf()] }, { params: [leaf()], momentum: 0.5 }]);
    optimizer.paramGroups[1]!.nesterov = true;
    optimizer.step();
    optimizer.paramGroups[1]!.momentum = 0;
    for (let i = 0; i < 2; i++) {
      expect(() => optimizer.step()).toThrow(
        "SGD.step: nesterov needs momentum and no dampening, got momentum 0 and dampening 0; change the options of this group",
      );
    }
    optimizer.paramGroups[1] = { ...optimizer.paramGroups[0]!, lr: -1, params: [] };
    expect(() => optimizer.step()).toThrow(
      "SGD.step: paramGroups[1].lr must be a finite number, at least 0, got -1; ",
    );
  });

  it("that the rule does not know are a program's own", () => {
    const optimizer = new SGD([leaf()]);
    Object.assign(optimizer.paramGroups[0]!, { note: "mine", initialLr: Number.NaN });
    optimizer.step();
  });
});
