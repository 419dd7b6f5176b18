import { randn, type Tensor, tensor, zeros } from "@thalweg/tensor";
import { describe, expect, expectTypeOf, it } from "vitest";
import {
  Identity,
  type Layer,
  Linear,
  Module,
  ModuleList,
  ReLU,
  Sequential,
  Sigmoid,
  SiLU,
  Tanh,
} from "./index";

describe("Sequential", () => {
  it("runs its layers one after another", () => {
    const [first, second] = [new Linear(2, 3), new Linear(3, 1)];
    const model = new Sequential(first, new ReLU(), second);
    const x = tensor([[1, -2]]);
    expect(model.forward(x).toArray()).toEqual(second.forward(first.forward(x).relu()).toArray());
    expectTypeOf(model.forward(x)).toEqualTypeOf<Tensor>();
  });

  it("names parameters by position, in numeric order beyond ten", () => {
    const model = new Sequential(...Array.from({ length: 12 }, () => new Linear(1, 1, { bias: false })));
    expect(Object.keys(model.stateDict())).toEqual(Array.from({ length: 12 }, (_, i) => `${i}.weight`));
  });

  it("returns its layers by position, from either end, and one by one", () => {
    const layers = [new ReLU(), new Sigmoid()];
    const model = new Sequential(...layers);
    expect(model.length).toBe(2);
    expect(model.at(0)).toBe(layers[0]);
    expect(model.at(-1)).toBe(layers[1]);
    expect(model.at(2)).toBeUndefined();
    expect([...model]).toEqual(layers);
  });

  it("knows the types of its layers, by position from either end", () => {
    const model = new Sequential(new Linear(2, 3), new ReLU(), new Sequential(new Linear(3, 1)));
    expectTypeOf(model[0]).toEqualTypeOf<Linear>();
    expectTypeOf(model.at(0)).toEqualTypeOf<Linear>();
    expectTypeOf(model[2][0]).toEqualTypeOf<Linear>();
    expect(model[0].weight.shape).toEqual([3, 2]);
    expect(model.at(-1)[0].outFeatures).toBe(1);
    expect(model.at(-2)).toBe(model[1]);
    expect(model.at(-4)).toBeUndefined();
    const general: Sequential = model;
    expectTypeOf(general.at(0)).toEqualTypeOf<Layer | undefined>();
    expectTypeOf(general[0]!).toEqualTypeOf<Layer>();
    expect(general[0]).toBe(model[0]);
    expect(() => general.at(0.5)).toThrow("at: index must be a whole number, got 0.5; call it as at(index)");
    expect(() => general.at("0" as never)).toThrow('at: index must be a whole number, got "0"');
  });

  it("can be extended, and its layers exchanged", () => {
    class Perceptron extends Sequential {
      constructor(width: number) {
        super(new Linear(1, width), new ReLU(), new Linear(width, 1));
      }
    }
    const model = new Perceptron(3);
    expect(String(model)).toContain("Perceptron(\n  (0): Linear(");
    expect(model).toBeInstanceOf(Sequential);
    const twice = new Identity();
    model[1] = twice;
    expect(model.at(1)).toBe(twice);
    expect(model.forward(zeros([2, 1])).shape).toEqual([2, 1]);
  });

  const wrong: [string, unknown, string][] = [
    ["a class of the library", ReLU, "got the class ReLU; write new ReLU(...)"],
    ["a class", Identity, "got the class Identity; write new Identity(...)"],
    ["a function", (x: Tensor) => x, "got a function; call it in the forward of a class that extends Layer"],
    ["an array", [new ReLU()], "got an array of 1; write ...layers for the layers of an array"],
    ["nothing", undefined, "got nothing; pass only modules"],
    ["null", null, "got null; pass only modules"],
    ["a tensor", zeros([2]), "got a tensor of shape [2]; pass only modules"],
    ["an object", { forward: (x: Tensor) => x }, "got an object; pass only modules"],
    ["a text", "relu", 'got "relu"; pass only modules'],
  ];

  it.each(wrong)("refuses %s, by its position", (_, value, message) => {
    const what = `element 1 must be a module, ${message}`;
    expect(() => new Sequential(new Linear(1, 1), value as never)).toThrow(`Sequential: ${what}`);
    expect(() => new ModuleList([new Linear(1, 1), value as never])).toThrow(`ModuleList: ${what}`);
    const list = new ModuleList([new Linear(1, 1)]);
    expect(() => list.append(value as never)).toThrow(`append: ${what}`);
    expect(list.length).toBe(1);
  });

  it("without layers returns its input", () => {
    const x = tensor([1]);
    expect(new Sequential().forward(x)).toBe(x);
    expect(new Identity().forward(x)).toBe(x);
  });
});

describe("ModuleList", () => {
  it("registers its modules, and those that are appended later", () => {
    const list = new ModuleList([new Linear(1, 1)]);
    expect(list.append(new Linear(1, 1))).toBe(list);
    expect(list.length).toBe(2);
    expect([...list.namedParameters()].map(([name]) => name)).toEqual([
      "0.weight",
      "0.bias",
      "1.weight",
      "1.bias",
    ]);
    expectTypeOf(list.at(0)).toEqualTypeOf<Linear | undefined>();
    expectTypeOf(list[0]!).toEqualTypeOf<Linear>();
    expect(list[1]!.weight).toBe(list.parameters()[2]);
    expect(list[2]).toBeUndefined();
    expect(() => new ModuleList(new Linear(1, 1) as never)).toThrow(
      "ModuleList: modules must be an array of modules",
    );
    expect(() => list.at(Number.NaN)).toThrow("at: index must be a whole number, got NaN");
    expect(list.at(-1)).toBe([...list][1]);
  });

  it("computes nothing by itself", () => {
    expect(() => new ModuleList([]).forward()).toThrow(
      "ModuleList: a list of modules computes nothing; call its modules, or use Sequential",
    );
    expect(new ModuleList()).toBeInstanceOf(Module);
  });
});

describe("an activation after a linear layer", () => {
  const names = ["relu", "sigmoid", "tanh", "silu"] as const;
  const layers = { relu: ReLU, sigmoid: Sigmoid, tanh: Tanh, silu: SiLU };

  it.each(names)("gives the same bits in a model as by itself: %s", (name) => {
    const linear = new Linear(37, 24);
    const model = new Sequential(linear, new layers[name](), new Linear(24, 5));
    const last = model.at(2)!;
    const x = randn([19, 37], { requiresGrad: true });
    const run = (forward: () => Tensor) => {
      const y = forward();
      y.square().sum().backward();
      const found = [y, x.grad!, linear.weight.grad!, linear.bias!.grad!].map((t) => t.toArray());
      x.grad = null;
      model.zeroGrad();
      return found;
    };
    expect(run(() => model.forward(x))).toEqual(run(() => last.forward(linear.forward(x)[name]())));
  });
});
